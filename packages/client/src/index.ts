export { PregoneroClient, type PregoneroClientOptions } from "./client.ts";
export type { FollowOptions } from "./follow/follow-job.ts";
export type { CallOptions, CreateOptions, Fetch, TokenSource } from "./http/http.ts";
export type { Page, PageQuery } from "./http/page.ts";
export { PregoneroError } from "./http/pregonero-error.ts";
export type {
  Channel,
  EventOf,
  EventsPlace,
  HandlersOf,
  SnapshotCall,
  StateChannel,
  StateHandlers,
  StateOf,
  StreamChannel,
  StreamHandlers,
  SubscribeOptions,
} from "./realtime/channels/channel-types.ts";
export type { LiveChannels } from "./realtime/channels/live-channels.ts";
export type { JobConnection, JobListener } from "./realtime/job-connection.ts";
export type { RealtimeState } from "./realtime/staying-socket.ts";
export type { WebSocketConstructor, WebSocketLike } from "./realtime/web-socket.ts";
export type { AuditQuery } from "./resources/administration.ts";
export type { CampaignsQuery } from "./resources/campaigns.ts";
export type { ContactsQuery, ConversationsQuery } from "./resources/conversations.ts";
export type { StatsQuery } from "./resources/stats.ts";
export type { JobsQuery, MessagesQuery } from "./resources/jobs.ts";
export type { WebhookDeliveriesQuery, WebhookEndpointNew } from "./resources/webhooks.ts";
export {
  verifyWebhook,
  WebhookRefused,
  type VerifyWebhookOptions,
  type WebhookRequestHeaders,
} from "./webhooks/verify-webhook.ts";
export type { ReportsQuery, ScrapingJobsQuery, ScrapingStepsQuery } from "./resources/scraping.ts";
export type * from "@pregonero/contracts";
