export { attachRealtime, type RealtimeDeps } from "./attach-realtime.ts";
export type { RealtimeOptions } from "./options.ts";
