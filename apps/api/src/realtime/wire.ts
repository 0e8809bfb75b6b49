import { constants, deflateRawSync } from "node:zlib";

/**
 * WebSocket text frames as bytes on the wire. Built once they can be written to every socket, and several in a row in one
 * write: what costs is the number of writes, not the bytes.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = frameHeader(finalText, length);
  const frame = Buffer.allocUnsafe(header.length + length);
  header.copy(frame);
  frame.write(text, header.length);
  return frame;
}

const finalText = 0x81;
/** RFC 7692 §6: the first reserved bit tells that the message is compressed. */
const finalDeflatedText = 0xc1;

/** RFC 6455 §5.2: servers do not mask; 126 and 127 announce a length of two or eight bytes. */
function frameHeader(first: number, length: number): Buffer {
  if (length < 126) return Buffer.of(first, length);
  if (length < 65_536) {
    const header = Buffer.of(first, 126, 0, 0);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** Frames that go out together, ready for the wire. */
export interface Outgoing {
  readonly bytes: Buffer;
  readonly frames: number;
  readonly texts: readonly string[];
  /** Set when a slow connection may skip some of them. */
  readonly conflatable?: Conflatable;
}

interface Conflatable {
  /** Newest wins among those with the same topic. */
  readonly topic: string;
  /** The frames that nobody may miss; null when there are none. */
  readonly lasting: Outgoing | null;
  /** Stands for all that may be skipped; null when a lasting frame after it says as much. */
  readonly newest: Outgoing | null;
}

export function outgoing(frames: readonly string[]): Outgoing {
  return { bytes: Buffer.concat(frames.map(textFrame)), frames: frames.length, texts: frames };
}

const deflatedBytes = new WeakMap<readonly string[], Buffer>();

/** What a flush ends with; RFC 7692 §7.2.1 leaves it out. */
const flushTail = 4;

/**
 * The same frames for connections with permessage-deflate, compressed once for all of them: possible because no message
 * refers to those before it (`server_no_context_takeover`).
 * @param aboveBytes shorter frames are not worth it
 */
export function deflated({ texts }: Outgoing, aboveBytes: number): Buffer {
  const known = deflatedBytes.get(texts);
  if (known) return known;
  const bytes = Buffer.concat(texts.map((text) => deflatedFrame(text, aboveBytes)));
  deflatedBytes.set(texts, bytes);
  return bytes;
}

function deflatedFrame(text: string, aboveBytes: number): Buffer {
  if (Buffer.byteLength(text) < aboveBytes) return textFrame(text);
  const payload = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -flushTail);
  return Buffer.concat([frameHeader(finalDeflatedText, payload.length), payload]);
}
