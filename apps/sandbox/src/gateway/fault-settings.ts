import { z } from "zod";
import { latency, match, milliseconds, share, times } from "../network/fault-settings.ts";

/** What every gateway's rule to make a message fail has; `match.share` is drawn anew for each request. */
export const failRuleFields = {
  match: match.default({}),
  /** Instead of the status that goes with the error. */
  http_status: z.number().int().min(200).max(599).optional(),
  details: z.string().optional(),
  times: times.optional(),
  /** `answer` refuses the request; `status` takes it and tells the failure by webhook. */
  as: z.enum(["answer", "status"]).default("answer"),
  /** The message goes out in spite of the error. */
  delivered: z.boolean().default(false),
} as const;

const webhookSettings = z.strictObject({
  /** Every notification is posted twice. */
  doubled: z.boolean().default(false),
  /** Of each message: read before delivered before sent. */
  out_of_order: z.boolean().default(false),
  delay_ms: milliseconds.default(0),
  /** Share of the statuses that never come. */
  drop_share: share.default(0),
  /** At most so many statuses or messages in one post. */
  batch_max: z.number().int().min(1).max(1_000).default(100),
  /** How long a post waits for more to go with it. */
  batch_wait_ms: milliseconds.default(20),
  /** First wait before a post that was not answered with 200 is tried again; it doubles up to 30 s. */
  retry_ms: milliseconds.default(250),
  attempts: z.number().int().min(1).max(100).default(20),
});

export type WebhookSettings = z.output<typeof webhookSettings>;

/** The knobs that all gateways have. */
export const gatewayFaultFields = {
  latency_ms: latency.default(0),
  garbage_share: share.default(0),
  half_body_share: share.default(0),
  no_answer_share: share.default(0),
  cut_share: share.default(0),
  http_500_share: share.default(0),
  /** The line fails before the message is taken; otherwise after it. */
  before: z.boolean().default(false),
  /** Messages in any one second for accounts that have no figure of their own; null no limit. */
  throughput_per_s: z.number().int().min(1).nullable().default(null),
  webhook: webhookSettings.default(() => webhookSettings.parse({})),
} as const;

const failRule = z.strictObject(failRuleFields);
const settings = z.strictObject({ ...gatewayFaultFields, fail: z.array(failRule) });

export type GatewayFaultSettings = z.output<typeof settings>;
