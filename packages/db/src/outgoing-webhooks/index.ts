export {
  findWebhookDelivery,
  listWebhookDeliveries,
  pingWebhook,
  replayFailedWebhooks,
  replayWebhookDelivery,
} from "./deliveries.ts";
export {
  claimWebhooks,
  recordWebhooks,
  sweepWebhooks,
  type ClaimedWebhook,
  type DisabledEndpoint,
  type DisableRule,
  type WebhookResult,
} from "./delivering.ts";
export {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  findWebhookEndpoint,
  listWebhookEndpoints,
  patchWebhookEndpoint,
  rotateWebhookSecret,
} from "./endpoints.ts";
export { openWebhookSecret } from "./secrets.ts";
