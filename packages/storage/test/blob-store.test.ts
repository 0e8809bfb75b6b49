import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { parseEnv } from "@pregonero/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { blobEnv, InvalidBlobKey, openBlobStore, type BlobStore } from "../src/index.ts";
import { startS3 } from "./support/s3-server.ts";

const settings = (env: Record<string, string>) => parseEnv(z.object(blobEnv), env);
const newKey = (extension = "") => `tenant/1/media/${randomUUID()}${extension}`;

async function read(store: BlobStore, key: string) {
  const found = await store.open(key);
  if (found === null) return null;
  return { content: await buffer(found.stream), bytes: found.bytes, contentType: found.contentType };
}

function inPieces(content: Buffer, size: number): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
    })(),
  );
}

let dir: string;
let s3: Awaited<ReturnType<typeof startS3>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "pregonero-blobs-"));
  s3 = await startS3("blobs");
});
afterAll(async () => {
  await s3[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const s3Settings = (url: string, more: Record<string, string> = {}) =>
  settings({
    BLOB_STORE: "s3",
    S3_ENDPOINT: url,
    S3_BUCKET: "blobs",
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    ...more,
  });

const stores = [
  ["disk", () => openBlobStore(settings({ BLOB_DIR: dir }))],
  ["S3", () => openBlobStore(s3Settings(s3.url))],
] as const;

describe.each(stores)("%s", (_name, open) => {
  test("what was put comes back, byte for byte, with its type", async () => {
    const store = open();
    const small = Buffer.from("¡hola!");
    const large = randomBytes(3_000_000);
    await expect(store.put("tenant/1/media/a.txt", small, { contentType: "text/plain" })).resolves.toEqual({
      bytes: small.length,
    });
    const key = newKey(".jpg");
    await expect(store.put(key, inPieces(large, 70_001), { contentType: "image/jpeg" })).resolves.toEqual({
      bytes: large.length,
    });
    expect(await read(store, "tenant/1/media/a.txt")).toEqual({
      content: small,
      bytes: small.length,
      contentType: "text/plain",
    });
    const back = await read(store, key);
    expect(back?.content.equals(large)).toBe(true);
    expect(back).toMatchObject({ bytes: large.length, contentType: "image/jpeg" });
  });

  test("an empty blob is a blob", async () => {
    const store = open();
    const key = newKey();
    await store.put(key, Readable.from([]), { contentType: "text/csv" });
    expect(await read(store, key)).toMatchObject({ bytes: 0, contentType: "text/csv" });
  });

  test("what is not there is null, deleted or never put", async () => {
    const store = open();
    const key = newKey();
    await expect(store.open(key)).resolves.toBeNull();
    await store.put(key, Buffer.from("x"), { contentType: "text/plain" });
    await store.delete(key);
    await expect(store.open(key)).resolves.toBeNull();
    await expect(store.delete(key)).resolves.toBeUndefined();
  });

  test("a source that breaks off leaves nothing behind", async () => {
    const store = open();
    const key = newKey();
    const broken = Readable.from(
      (async function* () {
        yield Buffer.alloc(100_000);
        throw new Error("the network went away");
      })(),
    );
    await expect(store.put(key, broken, { contentType: "image/png" })).rejects.toThrow(
      "the network went away",
    );
    await expect(store.open(key)).resolves.toBeNull();
  });

  test("no key leads out of the store", async () => {
    const store = open();
    const segment = fc.oneof(
      fc.constantFrom("..", ".", "", "a", ".hidden", "~type", "a\0b", "a\\b", "%2e%2e"),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { minLength: 1, maxLength: 5 }), async (segments) => {
        const key = segments.join("/");
        fc.pre(!/^[\w-][\w.-]*(\/[\w-][\w.-]*)+$/.test(key));
        await expect(store.open(key)).rejects.toThrow(InvalidBlobKey);
        await expect(store.put(key, Buffer.from("x"), { contentType: "x/y" })).rejects.toThrow(
          InvalidBlobKey,
        );
        await expect(store.delete(key)).rejects.toThrow(InvalidBlobKey);
      }),
    );
  });
});

describe("disk", () => {
  test("what a killed process left half-written goes, what is being written stays", async () => {
    const own = await mkdtemp(join(tmpdir(), "pregonero-blobs-"));
    try {
      const put = (store: BlobStore) => store.put(newKey(), Buffer.from("x"), { contentType: "text/plain" });
      await put(openBlobStore(settings({ BLOB_DIR: own })));
      const folder = join(own, ".unfinished");
      await writeFile(join(folder, "old"), "half");
      await writeFile(join(folder, "new"), "half");
      const twoDaysAgo = Date.now() / 1_000 - 2 * 86_400;
      await utimes(join(folder, "old"), twoDaysAgo, twoDaysAgo);
      await put(openBlobStore(settings({ BLOB_DIR: own })));
      await expect(readdir(folder)).resolves.toEqual(["new"]);
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  });
});

async function withServer(listener: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  try {
    await use(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("S3", () => {
  test("a store that is unwell is asked again, with the whole content", async () => {
    const content = randomBytes(200_000);
    const received: number[] = [];
    await withServer(
      (req, res) => {
        void buffer(req).then((body) => {
          received.push(body.length);
          res.writeHead(received.length < 3 ? 503 : 200).end();
        });
      },
      async (url) => {
        const store = openBlobStore(s3Settings(url));
        await store.put(newKey(), inPieces(content, 10_000), { contentType: "image/png" });
        expect(received).toEqual([content.length, content.length, content.length]);
      },
    );
  });

  test("a wrong key or bucket is an error that names S3's code, never an empty store", async () => {
    const open = (more: Record<string, string>) => openBlobStore(s3Settings(s3.url, more)).open(newKey());
    await expect(open({ S3_SECRET_ACCESS_KEY: "wrong" })).rejects.toMatchObject({
      status: 403,
      code: "SignatureDoesNotMatch",
    });
    await expect(open({ S3_BUCKET: "nobodys" })).rejects.toMatchObject({ status: 404, code: "NoSuchBucket" });
  });

  test("without a bucket or keys the start is refused", () => {
    expect(() => openBlobStore(settings({ BLOB_STORE: "s3" }))).toThrow("S3_BUCKET");
  });
});
