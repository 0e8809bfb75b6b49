import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { Writable } from "node:stream";

export interface RotatingFileOptions {
  readonly file: string;
  /** The file is put aside once it holds this much. */
  readonly maxBytes: number;
  /** The file itself and those put aside: `app.log`, `app.1.log` (newer) … */
  readonly maxFiles: number;
  /** Told once for a row of failures. The lines concerned are lost; the next ones are tried again. */
  readonly onError: (error: unknown) => void;
}

interface Chunk {
  readonly chunk: unknown;
}

/**
 * Appends to a file and puts it aside when it is full. Winston's own File transport does this too, but loses the lines
 * that are written while it changes files, and those that wait when it is closed (3.19).
 */
export class RotatingFile extends Writable {
  readonly #options: RotatingFileOptions;
  #handle: FileHandle | undefined;
  #bytes = 0;
  #failing = false;

  constructor(options: RotatingFileOptions) {
    super({ decodeStrings: true });
    this.#options = options;
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this._writev([{ chunk }], done);
  }

  override _writev(chunks: readonly Chunk[], done: () => void): void {
    const lines = chunks.map(({ chunk }) => chunk).filter((chunk) => chunk instanceof Uint8Array);
    // Never an error to the stream: it would be destroyed, and a disk that is full now may have room later.
    void this.#write(lines).then(done);
  }

  override _final(done: () => void): void {
    void this.#close().then(done, done);
  }

  async #write(lines: readonly Uint8Array[]): Promise<void> {
    try {
      for (let begin = 0; begin < lines.length;) begin = await this.#writeFrom(lines, begin);
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#options.onError(error);
      this.#failing = true;
      await this.#close().catch(() => undefined);
    }
  }

  /** Writes what the file has room for, in one go. Returns where to go on. */
  async #writeFrom(lines: readonly Uint8Array[], begin: number): Promise<number> {
    const handle = await this.#open();
    let end = begin;
    for (; end < lines.length && (this.#bytes < this.#options.maxBytes || end === begin); end += 1) {
      this.#bytes += lines[end]?.byteLength ?? 0;
    }
    await handle.appendFile(Buffer.concat(lines.slice(begin, end)));
    if (this.#bytes >= this.#options.maxBytes) await this.#putAside();
    return end;
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle === undefined) {
      await mkdir(dirname(this.#options.file), { recursive: true });
      this.#handle = await open(this.#options.file, "a");
      this.#bytes = (await this.#handle.stat()).size;
    }
    return this.#handle;
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#bytes = 0;
    await handle?.close();
  }

  #name(age: number): string {
    const { file } = this.#options;
    const extension = extname(file);
    return age === 0 ? file : `${file.slice(0, file.length - extension.length)}.${age}${extension}`;
  }

  async #putAside(): Promise<void> {
    await this.#close();
    await rm(this.#name(this.#options.maxFiles - 1), { force: true });
    for (let age = this.#options.maxFiles - 2; age >= 0; age -= 1) {
      await rename(this.#name(age), this.#name(age + 1)).catch((error: unknown) => {
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      });
    }
  }
}
