/** Whether a chunk of the Postgres protocol runs the prepared statement of that name. */
export const runsStatement =
  (name: string) =>
  (chunk: Buffer): boolean =>
    chunk.includes(`${name}\0`);

/** A claim for this device: the statement's first parameters are the device and the worker, a UUID in text. */
export function claimsFor(deviceId: number): (chunk: Buffer) => boolean {
  const id = String(deviceId);
  const parameters = Buffer.concat([int32(id.length), Buffer.from(id), int32(36)]);
  const isClaim = runsStatement("claim_messages");
  return (chunk) => isClaim(chunk) && chunk.includes(parameters);
}

/** The end of a turn of this device: BullMQ books it under the queue's metrics. */
export const endsTurnOf =
  (deviceId: number) =>
  (chunk: Buffer): boolean =>
    chunk.includes(`turns-${deviceId}:metrics:`);

/** A send over HTTP: Cloud API or Wablas. */
export const sendsOverHttp = (kind: "whatsapp_cloud" | "wablas") => {
  const path = kind === "whatsapp_cloud" ? /^POST \S+\/messages HTTP/ : /^POST \S+\/send-message HTTP/;
  return (chunk: Buffer): boolean => path.test(chunk.toString("latin1"));
};

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
