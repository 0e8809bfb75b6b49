/** A channel as a client names it, taken apart. */
export type ChannelName =
  | { readonly kind: "job"; readonly jobId: string }
  | { readonly kind: "messages"; readonly jobId: string }
  | { readonly kind: "device"; readonly deviceId: number }
  | { readonly kind: "jobs" | "devices" | "stats" }
  | { readonly kind: "crm" };

const uuid = "[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}";
const jobChannel = new RegExp(`^job:(${uuid})(:messages)?$`);
const deviceChannel = /^device:([1-9]\d{0,9})$/;

/** @returns undefined for what is no channel */
export function parseChannel(name: string): ChannelName | undefined {
  const [, jobId, messages] = jobChannel.exec(name) ?? [];
  if (jobId !== undefined) return { kind: messages === undefined ? "job" : "messages", jobId };
  const deviceId = deviceChannel.exec(name)?.[1];
  if (deviceId !== undefined) return { kind: "device", deviceId: Number(deviceId) };
  if (name === "jobs" || name === "devices" || name === "stats" || name === "crm") return { kind: name };
  return undefined;
}
