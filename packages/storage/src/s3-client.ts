import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { backoffMs, sleep } from "@pregonero/runtime";
import { AwsClient } from "aws4fetch";

export interface S3ClientOptions {
  /** Up to the bucket, without a slash at the end. */
  readonly baseUrl: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A file, so that a try can begin again from its first byte. */
export type S3Body = Buffer | { readonly file: string; readonly bytes: number };

export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  /** As S3 names it: `NoSuchKey`, `AccessDenied` …; empty when the answer says nothing. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`The blob store answered ${status}${code === "" ? "" : ` (${code})`}`);
    this.status = status;
    this.code = code;
  }
}

const tries = 4;
const answerMs = 30_000;
// An upload over a poor line: beyond this it is stuck.
const slowestBytesPerMs = 50;

/** Signed calls of a bucket, tried again while the store or the network is unwell. Each of them may be repeated. */
export class S3Client {
  readonly #aws: AwsClient;
  readonly #baseUrl: string;

  constructor({ baseUrl, region, accessKeyId, secretAccessKey }: S3ClientOptions) {
    // Its own retries cannot send a stream twice.
    this.#aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: "s3", retries: 0 });
    this.#baseUrl = baseUrl;
  }

  /** @throws S3Error for any answer but success; network errors as they come, after the last try */
  async call(
    method: "GET" | "PUT" | "DELETE",
    key: string,
    body?: S3Body,
    contentType?: string,
  ): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.#once(method, key, body, contentType);
        if (response.ok) return response;
        throw new S3Error(response.status, /<Code>([^<]*)<\/Code>/.exec(await response.text())?.[1] ?? "");
      } catch (error) {
        const final = error instanceof S3Error && error.status < 500 && error.status !== 429;
        if (final || attempt === tries) throw error;
      }
      await sleep(backoffMs(attempt, { baseMs: 200, maxMs: 5_000 }));
    }
  }

  async #once(method: string, key: string, body: S3Body | undefined, contentType: string | undefined) {
    const bytes = body === undefined ? 0 : Buffer.isBuffer(body) ? body.byteLength : body.bytes;
    const headers = {
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      ...(method === "PUT" ? { "content-length": String(bytes) } : {}),
    };
    // The length is signed by nobody and the content is not hashed beforehand: TLS is what protects it on its way.
    const signed = await this.#aws.sign(`${this.#baseUrl}/${key}`, { method, headers });
    const abort = new AbortController();
    // Up to the answer's head: reading the content is the caller's own time.
    const timer = setTimeout(() => abort.abort(), answerMs + bytes / slowestBytesPerMs);
    try {
      return await fetch(signed.url, {
        method,
        headers: signed.headers,
        redirect: "manual",
        signal: abort.signal,
        ...(body === undefined ? {} : { body: payload(body), duplex: "half" as const }),
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function payload(body: S3Body): BodyInit {
  if (Buffer.isBuffer(body)) return new Uint8Array(body);
  return Readable.toWeb(createReadStream(body.file)) as ReadableStream;
}
