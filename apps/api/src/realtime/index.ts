export { attachRealtime, type Realtime, type RealtimeDeps } from "./attach-realtime.ts";
export { defaultRealtimeOptions, type RealtimeOptions } from "./options.ts";
