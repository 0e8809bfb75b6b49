import { createHash, randomUUID } from "node:crypto";

/** A file as it is told of. */
export interface FileFacts {
  readonly id: string;
  readonly content_type: string;
  readonly filename: string | null;
  readonly bytes: number;
  readonly sha256: string;
}

export interface StoredFile extends FileFacts {
  readonly content: Buffer;
}

/** Many more than a test or a demonstration needs; the oldest go first. */
const mostFiles = 500;

/** The files that messages carry, whichever way they came in. Not kept over a restart. */
export class FileShelf {
  readonly #files = new Map<string, StoredFile>();

  put(content: Buffer, said: { contentType: string; filename: string | null }): FileFacts {
    // Digits alone, as Meta's ids are.
    const id = BigInt(`0x${randomUUID().replaceAll("-", "").slice(0, 16)}`).toString();
    const sha256 = createHash("sha256").update(content).digest("hex");
    const { contentType: content_type, filename } = said;
    const file = { id, content_type, filename, bytes: content.length, sha256, content };
    this.#files.set(id, file);
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= mostFiles) break;
      this.#files.delete(oldest);
    }
    return factsOf(file);
  }

  get(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  facts(id: string): FileFacts | undefined {
    const file = this.#files.get(id);
    return file && factsOf(file);
  }
}

function factsOf({ content: _content, ...facts }: StoredFile): FileFacts {
  return facts;
}
