import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { checkKey, type BlobMeta, type BlobStore, type OpenBlob } from "./blob-store.ts";
import { writeFile } from "./write-file.ts";

// Neither can be a part of a key.
const unfinishedFolder = ".unfinished";
const typeFile = "~type";
// Longer than any upload takes.
const abandonedMs = 24 * 60 * 60_000;

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

/** A folder. The content type lies beside the content: `photo.jpg` and `photo.jpg~type`. */
export class DiskStore implements BlobStore {
  readonly #dir: string;
  #prepared: Promise<void> | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async put(key: string, body: Buffer | Readable, { contentType }: BlobMeta): Promise<{ bytes: number }> {
    checkKey(key);
    this.#prepared ??= this.#prepare();
    await this.#prepared;
    const unfinished = join(this.#dir, unfinishedFolder, randomUUID());
    try {
      const bytes = await writeFile(unfinished, body);
      const file = join(this.#dir, key);
      await mkdir(dirname(file), { recursive: true });
      // First: nobody must find a content without its type.
      await writeFile(`${unfinished}${typeFile}`, Buffer.from(contentType));
      await rename(`${unfinished}${typeFile}`, `${file}${typeFile}`);
      await rename(unfinished, file);
      return { bytes };
    } catch (error) {
      await Promise.all([rm(unfinished, { force: true }), rm(`${unfinished}${typeFile}`, { force: true })]);
      throw error;
    }
  }

  async open(key: string): Promise<OpenBlob | null> {
    checkKey(key);
    const file = join(this.#dir, key);
    try {
      const contentType = await readFile(`${file}${typeFile}`, "utf8");
      const handle = await open(file);
      const { size } = await handle.stat();
      return { stream: handle.createReadStream(), bytes: size, contentType };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    const file = join(this.#dir, key);
    await rm(file, { force: true });
    await rm(`${file}${typeFile}`, { force: true });
  }

  async close(): Promise<void> {
    await this.#prepared?.catch(() => undefined);
  }

  /** What processes that were killed have left half-written goes. */
  async #prepare(): Promise<void> {
    const folder = join(this.#dir, unfinishedFolder);
    await mkdir(folder, { recursive: true });
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      const since = await stat(file).catch(() => null);
      if (since !== null && Date.now() - since.mtimeMs > abandonedMs) await rm(file, { force: true });
    }
  }
}
