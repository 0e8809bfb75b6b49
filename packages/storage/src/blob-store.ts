import type { Readable } from "node:stream";

export interface BlobMeta {
  /** Such as `image/jpeg`; what `open` gives back. */
  readonly contentType: string;
}

export interface OpenBlob {
  /** To be read to the end or destroyed. */
  readonly stream: Readable;
  readonly bytes: number;
  readonly contentType: string;
}

/**
 * Files that belong to rows: media, screenshots, exports. Keys are `tenant/<id>/<feature>/<uuid>[.ext]`: made by us,
 * never out of a name that a user gave, and never used for another content.
 */
export interface BlobStore {
  /** Complete or not there at all, also when the process dies in between. @throws InvalidBlobKey */
  put(key: string, body: Buffer | Readable, meta: BlobMeta): Promise<{ bytes: number }>;
  /** Null when there is none. */
  open(key: string): Promise<OpenBlob | null>;
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

export class InvalidBlobKey extends Error {
  override readonly name = "InvalidBlobKey";

  constructor() {
    super("A key of a blob is made of names of letters, digits, - _ and ., with / between them.");
  }
}

// A dot never comes first: no "..", no hidden file, nothing that a store keeps for itself.
const wellFormed = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;
// S3 takes 1024 bytes, file systems 255 for each name.
const longestKey = 512;
const longestName = 200;

export function checkKey(key: string): void {
  const fits = key.length <= longestKey && key.split("/").every((name) => name.length <= longestName);
  if (!fits || !wellFormed.test(key)) throw new InvalidBlobKey();
}
