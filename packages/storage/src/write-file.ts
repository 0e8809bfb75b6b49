import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes a new file to the end and to the disk itself. Returns its length in bytes. */
export async function writeFile(file: string, body: Buffer | Readable): Promise<number> {
  // `flush`: a rename may reach the disk before the content does, and after a power cut the file would be empty.
  const sink = createWriteStream(file, { flags: "wx", flush: true });
  await pipeline(Buffer.isBuffer(body) ? Readable.from([body], { objectMode: false }) : body, sink);
  return sink.bytesWritten;
}
