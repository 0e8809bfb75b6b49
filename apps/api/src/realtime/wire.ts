/**
 * WebSocket text frames as bytes on the wire. Built once they can be written to every socket, and several in a row in one
 * write: what costs is the number of writes, not the bytes. Only for connections without extensions.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = frameHeader(length);
  const frame = Buffer.allocUnsafe(header.length + length);
  header.copy(frame);
  frame.write(text, header.length);
  return frame;
}

const finalText = 0x81;

/** RFC 6455 §5.2: servers do not mask; 126 and 127 announce a length of two or eight bytes. */
function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.of(finalText, length);
  if (length < 65_536) {
    const header = Buffer.of(finalText, 126, 0, 0);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = finalText;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}

/** Frames that go out together, ready for the wire. */
export interface Outgoing {
  readonly bytes: Buffer;
  readonly frames: number;
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
  return { bytes: Buffer.concat(frames.map(textFrame)), frames: frames.length };
}
