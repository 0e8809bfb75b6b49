import type { InboundMessage } from "@pregonero/chat";
import { wablasVerdict } from "@pregonero/domain";
import { z } from "zod";
import { timeOf } from "./moments.ts";
import { notOurs } from "./raw-body.ts";
import { saidSafely } from "./said-safely.ts";
import { wablasMediaOf } from "./wablas-media.ts";
import type { ReportedFailure, StatusReport } from "./report.ts";

/** A status names its message by our id when the gateway gives that back, else by the gateway's own. */
type WablasStatus = Omit<StatusReport, "tenantId" | "providerMessageId"> & {
  readonly refId: string | null;
  readonly gatewayId: string;
  readonly phone: string;
};

export type WablasNotification =
  | { readonly kind: "status"; readonly status: WablasStatus }
  | { readonly kind: "inbound"; readonly inbound: InboundMessage }
  /** Of a kind that says nothing to us: groups, our own messages, `pending`. */
  | { readonly kind: "nothing" };

const idSchema = z.union([z.string().min(1).max(200), z.int()]).transform(String);
const phoneSchema = z
  .union([z.string(), z.int()])
  .transform((phone) => String(phone).replaceAll(/\D/g, ""))
  .refine((phone) => /^\d{5,20}$/.test(phone));
const yes = z
  .union([z.literal(true), z.literal("true"), z.literal(1), z.literal("1")])
  .optional()
  .catch(undefined);

const trackingSchema = z.object({
  id: idSchema,
  phone: phoneSchema,
  status: z.string().toLowerCase(),
  note: z.string().optional().catch(undefined),
  ref_id: idSchema.optional().catch(undefined),
  timestamp: z.unknown().optional(),
});

const incomingSchema = z.object({
  id: idSchema,
  phone: phoneSchema,
  message: z.string().max(100_000),
  messageType: z.string().max(50).default("text"),
  isGroup: yes,
  isFromMe: yes,
  timestamp: z.unknown().optional(),
  pushName: z.string().min(1).optional().catch(undefined),
  file: z.string().max(2_048).optional().catch(undefined),
  url: z.string().max(2_048).optional().catch(undefined),
  mimeType: z.string().max(200).optional().catch(undefined),
});

const states = {
  sent: "sent",
  delivered: "delivered",
  received: "delivered",
  read: "read",
  cancel: "failed",
  reject: "failed",
} as const;

/** @throws ApiProblem 400 for what is neither of the two kinds of notification */
export function readWablasNotification(json: unknown): WablasNotification {
  const tracking = trackingSchema.safeParse(json).data;
  if (tracking) return toStatus(tracking);
  const incoming = incomingSchema.safeParse(json).data;
  if (!incoming) throw notOurs();
  // Our own sends come back here under an id of the gateway's, and cannot be told from what was typed on the phone.
  if (incoming.isGroup !== undefined || incoming.isFromMe !== undefined) return { kind: "nothing" };
  return { kind: "inbound", inbound: toInbound(incoming) };
}

function toInbound(incoming: z.output<typeof incomingSchema>): InboundMessage {
  const { id: providerMessageId, phone, message, messageType: type, pushName } = incoming;
  const media = wablasMediaOf(incoming);
  return {
    providerMessageId,
    phone,
    type,
    // Of a file the words are its caption, and may be missing.
    text: media !== null && message === "" ? null : message,
    at: timeOf(incoming.timestamp),
    ...(pushName === undefined ? {} : { pushedName: pushName }),
    ...(media === null ? {} : { media }),
  };
}

function toStatus({
  id,
  phone,
  status,
  note = "",
  ref_id,
  timestamp,
}: z.output<typeof trackingSchema>): WablasNotification {
  if (!Object.hasOwn(states, status)) return { kind: "nothing" };
  const state = states[status as keyof typeof states];
  const report = { refId: ref_id ?? null, gatewayId: id, phone, state, at: timeOf(timestamp) };
  return {
    kind: "status",
    status: state === "failed" ? { ...report, failure: failureOf(status, note) } : report,
  };
}

function failureOf(status: string, note: string): ReportedFailure {
  const said = note.trim() === "" ? `the gateway says "${status}"` : note;
  return { code: wablasVerdict({ message: note }).code, detail: saidSafely(said) };
}
