export { PregoneroClient, type PregoneroClientOptions } from "./client.ts";
export type { FollowOptions } from "./follow/follow-job.ts";
export type { CallOptions, CreateOptions, Fetch, TokenSource } from "./http/http.ts";
export type { Page, PageQuery } from "./http/page.ts";
export { PregoneroError } from "./http/pregonero-error.ts";
export type { JobListener, RealtimeConnection, RealtimeState } from "./realtime/realtime-connection.ts";
export type { WebSocketConstructor, WebSocketLike } from "./realtime/web-socket.ts";
export type { JobsQuery, MessagesQuery } from "./resources/jobs.ts";
export type * from "@pregonero/contracts";
