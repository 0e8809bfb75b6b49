/** Microseconds on a clock that all processes of the machine share. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

const messageId = "01999999-0000-7000-8000-000000000000";

/** What one publication is about. Its phone number is the moment at which it was made. */
export function moved(atUs: number) {
  return {
    messageId,
    deviceId: 7,
    phone: String(atUs),
    from: "sending" as const,
    state: "sent" as const,
    errorCode: null,
  };
}

/** The frame of a single event, as the native protocol has it: what the others broadcast, byte for byte. */
export function frameOf(jobId: string, number: number, atUs: number): object {
  const {
    messageId: message_id,
    deviceId: device_id,
    phone,
    from,
    state,
    errorCode: error_code,
  } = moved(atUs);
  return {
    type: "events",
    channel: `job:${jobId}:messages`,
    first: number,
    position: `1764000000000-${number}`,
    events: [{ type: "message", data: { message_id, device_id, phone, from, state, error_code } }],
  };
}

const firstKey = Buffer.from('"first":');
const positionKey = Buffer.from('"position":"');
const phoneKey = Buffer.from('"phone":"');

export interface Seen {
  readonly first: number;
  readonly last: number;
  /** When the oldest and the newest of its events were made. */
  readonly oldestUs: number;
  readonly newestUs: number;
}

/** Reads a frame without parsing all of it: a thousand clients in one process must not be what is measured. */
export function readFrame(data: Buffer): Seen | undefined {
  if (data[9] !== 0x65 || data[10] !== 0x76) return undefined;
  const first = numberAt(data, data.indexOf(firstKey) + firstKey.length);
  const position = data.indexOf(positionKey) + positionKey.length;
  const last = numberAt(data, data.indexOf(0x2d, position) + 1);
  const oldest = data.indexOf(phoneKey, position);
  const newest = data.lastIndexOf(phoneKey);
  const at = (index: number): number => numberAt(data, index + phoneKey.length);
  return { first, last, oldestUs: at(oldest), newestUs: at(newest) };
}

function numberAt(data: Buffer, start: number): number {
  let value = 0;
  for (let index = start; ; index += 1) {
    const digit = (data[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return value;
    value = value * 10 + digit;
  }
}
