import { MediaUnavailable, type IncomingFile, type OutgoingFile } from "../channel.ts";
import type { SendRequest } from "./page/messages.ts";
import type { PageDriver } from "./page-driver.ts";

/** Bytes of a part: a multiple of three, so that the parts' base64 can be joined. */
const partBytes = 768 * 1_024;

/** Hands a file to the page, under the id of the message that is to carry it. Nothing is sent by it. */
export async function handOver(
  driver: PageDriver,
  name: string,
  file: OutgoingFile,
): Promise<SendRequest["file"]> {
  for (let from = 0; from < file.bytes.length; from += partBytes) {
    await driver.addToFile(name, file.bytes.subarray(from, from + partBytes).toString("base64"));
  }
  return { name, type: file.type, contentType: file.contentType, filename: file.filename };
}

/**
 * The file of a message, by the message's key.
 * @throws MediaUnavailable when WhatsApp does not have it any more, or it is larger than `maxBytes`
 */
export async function fetchFile(driver: PageDriver, key: string, maxBytes: number): Promise<IncomingFile> {
  const fetched = await driver.fetchFile(key);
  if (fetched.state === "missing") throw new MediaUnavailable(fetched.detail);
  const { name, bytes, contentType } = fetched;
  try {
    if (bytes > maxBytes) throw new MediaUnavailable(`${bytes} bytes are more than may be kept`);
    const parts: Buffer[] = [];
    for (let from = 0; from < bytes; from += partBytes) {
      parts.push(Buffer.from(await driver.readFile(name, from, partBytes), "base64"));
    }
    return { contentType, bytes: Buffer.concat(parts) };
  } finally {
    await driver.dropFile(name).catch(() => undefined);
  }
}
