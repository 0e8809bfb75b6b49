import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";

/** SHA-256, with a key HMAC, in the shape that the signer wants. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(key));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function dateOf(text: string): Date {
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Signs the request once more, with Amazon's own code, and compares. */
export async function signedRight(req: IncomingMessage, key: S3Key, region: string): Promise<boolean> {
  const given = req.headers.authorization ?? "";
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(";") ?? [];
  const signer = new SignatureV4({
    credentials: key,
    region,
    service: "s3",
    sha256: Sha256,
    uriEscapePath: false,
  });
  const request = new HttpRequest({
    method: req.method ?? "",
    path: req.url ?? "",
    headers: Object.fromEntries(names.map((name) => [name, String(req.headers[name])])),
  });
  const signingDate = dateOf(String(req.headers["x-amz-date"]));
  const signed = await signer.sign(request, { signingDate });
  return (
    names.includes("host") &&
    signed.headers["authorization"]?.replaceAll(", ", ",") === given.replaceAll(", ", ",")
  );
}
