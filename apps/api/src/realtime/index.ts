export { asyncApiDocument } from "./async-api.ts";
export { openRealtime, type RealtimeDeps } from "./open-realtime.ts";
export type { RealtimeOptions } from "./options.ts";
export { realtimeRoutes, type RealtimeRoutesDeps } from "./realtime-routes.ts";
