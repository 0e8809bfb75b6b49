import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { checkKey, type BlobMeta, type BlobStore, type OpenBlob } from "./blob-store.ts";
import { S3Error, type S3Client } from "./s3-client.ts";
import { writeFile } from "./write-file.ts";

/** A bucket. One PUT each (up to 5 GB), so that a blob is whole or not there and nothing unfinished costs money. */
export class S3Store implements BlobStore {
  readonly #client: S3Client;

  constructor(client: S3Client) {
    this.#client = client;
  }

  async put(key: string, body: Buffer | Readable, { contentType }: BlobMeta): Promise<{ bytes: number }> {
    checkKey(key);
    if (Buffer.isBuffer(body)) {
      await this.#put(key, body, contentType);
      return { bytes: body.byteLength };
    }
    // S3 wants to know the length before the first byte; a file tells it, and can be sent again.
    const dir = await mkdtemp(join(tmpdir(), "pregonero-blob-"));
    try {
      const file = join(dir, "body");
      const bytes = await writeFile(file, body);
      await this.#put(key, { file, bytes }, contentType);
      return { bytes };
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }

  async open(key: string): Promise<OpenBlob | null> {
    checkKey(key);
    try {
      const response = await this.#client.call("GET", key);
      return {
        stream:
          response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as NodeReadableStream),
        bytes: Number(response.headers.get("content-length")),
        contentType: response.headers.get("content-type") ?? "application/octet-stream",
      };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    try {
      await drained(this.#client.call("DELETE", key));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async close(): Promise<void> {}

  #put(...args: [key: string, body: Buffer | { file: string; bytes: number }, contentType: string]) {
    return drained(this.#client.call("PUT", ...args));
  }
}

/** An answer that nobody reads would keep its connection. */
async function drained(call: Promise<Response>): Promise<void> {
  await (await call).arrayBuffer();
}

function isMissing(error: unknown): boolean {
  // A bucket that is missing is a mistake of the operator, not of the caller.
  return error instanceof S3Error && error.status === 404 && error.code !== "NoSuchBucket";
}
