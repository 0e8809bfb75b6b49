import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";

export interface FileFacts {
  readonly bytes: number;
  readonly sha256: string;
  readonly encoding: "utf-8" | "windows-1252";
  /** What is not text and where: the file is no CSV. */
  readonly binary: { readonly line: number; readonly kind: "zip" | "utf-16" | "other" } | null;
}

const newline = 0x0a;
/** Tab, line feed, vertical tab, form feed, carriage return; 0x1a ends files of old programs. */
const textControls = new Set([0x09, newline, 0x0b, 0x0c, 0x0d, 0x1a]);

/** Looks at a file on its way to the disk: how large, which encoding, text at all? */
export class FileInspector extends Transform {
  readonly #hash = createHash("sha256");
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  #isUtf8 = true;
  #bytes = 0;
  #line = 1;
  #binary: FileFacts["binary"] = null;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#bytes === 0) this.#binary = signatureOf(chunk);
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    if (this.#binary === null) this.#lookForControls(chunk);
    if (this.#isUtf8) this.#isUtf8 = this.#decodes(chunk, true);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    if (this.#isUtf8) this.#isUtf8 = this.#decodes(undefined, false);
    done();
  }

  /** Only after the last byte. */
  facts(): FileFacts {
    return {
      bytes: this.#bytes,
      sha256: this.#hash.digest("hex"),
      encoding: this.#isUtf8 ? "utf-8" : "windows-1252",
      binary: this.#binary,
    };
  }

  #lookForControls(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte >= 0x20) continue;
      if (byte === newline) this.#line++;
      else if (!textControls.has(byte)) {
        this.#binary = { line: this.#line, kind: "other" };
        return;
      }
    }
  }

  #decodes(chunk: Buffer | undefined, stream: boolean): boolean {
    try {
      this.#utf8.decode(chunk, { stream });
      return true;
    } catch {
      return false;
    }
  }
}

/** What Excel saves when it is not asked for CSV. */
function signatureOf(start: Buffer): FileFacts["binary"] {
  if (start.subarray(0, 4).equals(Buffer.from("PK\u0003\u0004", "latin1"))) return { line: 1, kind: "zip" };
  const bom = start.subarray(0, 2).toString("hex");
  return bom === "fffe" || bom === "feff" ? { line: 1, kind: "utf-16" } : null;
}
