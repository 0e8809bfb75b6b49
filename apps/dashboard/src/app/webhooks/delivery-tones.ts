import type { WebhookDeliveryStatus } from "@pregonero/client";
import type { Tone } from "../ui/status-chip.ts";

export const deliveryTones: Readonly<Record<WebhookDeliveryStatus, Tone>> = {
  pending: "warn",
  sending: "busy",
  delivered: "ok",
  failed: "bad",
};
