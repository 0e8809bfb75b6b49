import { z } from "zod";
import { compileRule } from "./numbers.ts";

export const share = z.number().min(0).max(1);
export const milliseconds = z.number().min(0).max(3_600_000);
export const times = z.number().int().min(1);

const numberRule = z
  .string()
  .min(1)
  .refine((rule) => {
    try {
      compileRule(rule);
      return true;
    } catch {
      return false;
    }
  }, "must be a number, an ending such as *0000, or a regular expression between slashes");

export const latency = z.union([milliseconds, z.strictObject({ min: milliseconds, max: milliseconds })]);

/** All conditions that are given must hold. */
export const match = z.strictObject({
  to: numberRule.optional(),
  account: numberRule.optional(),
  /** The nth message (from 1) that the other conditions let through. */
  nth: z.number().int().min(1).optional(),
  /** This share of the messages, chosen by their id: the same id always gets the same answer. */
  share: share.optional(),
});

const sendError = z.enum([
  "ERROR_NETWORK",
  "ERROR_EXPIRED",
  "ERROR_CANCELLED",
  "ERROR_UPLOAD",
  "ERROR_UNKNOWN",
]);

const failRule = z.strictObject({
  match: match.default({}),
  result: sendError,
  times: times.optional(),
  /** The message arrived in spite of the error. */
  delivered: z.boolean().default(false),
  /** What stays in the page's store: `failed` (ack −1) or still in the `outbox` (ack 0). */
  keeps: z.enum(["failed", "outbox"]).optional(),
});

const hangRule = z.strictObject({
  match: match.default({}),
  times: times.optional(),
  /** Whether the network got the message before the send went silent. */
  arrives: z.boolean(),
});

const acks = z.strictObject({
  doubled: z.boolean().default(false),
  /** Read before delivered before sent. */
  out_of_order: z.boolean().default(false),
  late_ms: milliseconds.default(0),
  /** Share of the receipts (delivered, read) that never come. */
  drop_share: share.default(0),
  /** Receipts name the chat by its LID and not by its number. */
  lid: z.boolean().default(false),
});

const faultSettingsSchema = z.strictObject({
  latency_ms: latency.default(0),
  ack_delay_ms: milliseconds.default(0),
  delivered_after_ms: milliseconds.default(20),
  /** Counted from the delivery. */
  read_after_ms: milliseconds.default(80),
  read_share: share.default(1),
  unregistered: z.array(numberRule).default(["*0000"]),
  fail: z.array(failRule).default([]),
  hang: z.array(hangRule).default([]),
  acks: acks.default(() => acks.parse({})),
  exists_network_error_share: share.default(0),
  /** Pages cannot reach the network: as with the internet down. */
  refuse_connections: z.boolean().default(false),
  /** Chats are found under their LID, as in accounts that WhatsApp has migrated. */
  lid_chats: z.boolean().default(false),
  /** After so many codes the QR goes away until the page asks for a new one; null never. */
  qr_idle_after: z.number().int().min(1).nullable().default(null),
});

export type FaultSettings = z.output<typeof faultSettingsSchema>;
export type FaultMatch = z.output<typeof match>;
export type Latency = z.output<typeof latency>;
export type SendError = z.output<typeof sendError>;

/** What a client may send to change some of the settings. */
export const faultPatchSchema = z.record(z.string(), z.unknown());

export function defaultFaults(): FaultSettings {
  return faultSettingsSchema.parse({});
}

/**
 * New settings out of the present ones and a change. A key replaces what was there, only `acks` is merged by key.
 * @throws z.ZodError when the result is not valid.
 */
export function mergeFaults(present: FaultSettings, patch: Readonly<Record<string, unknown>>): FaultSettings {
  const given = patch["acks"];
  const merged = typeof given === "object" && given !== null ? { ...present.acks, ...given } : present.acks;
  return faultSettingsSchema.parse({ ...present, ...patch, acks: given === null ? null : merged });
}
