import type { InboundMessage } from "@pregonero/chat";
import { cloudApiVerdict } from "@pregonero/domain";
import { z } from "zod";
import { timeOf } from "./moments.ts";
import { cloudMediaOf } from "./cloud-media.ts";
import { notOurs } from "./raw-body.ts";
import { saidSafely } from "./said-safely.ts";
import type { ReportedFailure, StatusReport } from "./report.ts";

/** What one change tells, of the number that Meta calls `phoneNumberId`. */
export interface CloudChange {
  readonly phoneNumberId: string | null;
  readonly statuses: readonly Omit<StatusReport, "tenantId">[];
  readonly inbound: readonly InboundMessage[];
}

const changeSchema = z.object({ field: z.string(), value: z.unknown() });
const bodySchema = z.object({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(z.object({ changes: z.array(changeSchema) })),
});

const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string() }).optional().catch(undefined),
  statuses: z.array(z.unknown()).default([]),
  messages: z.array(z.unknown()).default([]),
  contacts: z.array(z.unknown()).default([]),
});

const contactSchema = z.object({
  wa_id: z.string(),
  profile: z.object({ name: z.string().min(1) }),
});

/** What people call themselves, by number. */
function namesIn(contacts: readonly unknown[]): ReadonlyMap<string, string> {
  const known = contacts.flatMap((contact) => contactSchema.safeParse(contact).data ?? []);
  return new Map(known.map(({ wa_id, profile }) => [wa_id, profile.name]));
}

/**
 * Reads a notification. Kinds of change, status and message that are not known are passed over: Meta adds some.
 * @throws ApiProblem 400 for what is no notification at all
 */
export function readCloudNotification(json: unknown): CloudChange[] {
  const body = bodySchema.safeParse(json);
  if (!body.success) throw notOurs();
  const changes = body.data.entry.flatMap((entry) => entry.changes);
  return changes
    .filter((change) => change.field === "messages")
    .map(({ value }) => {
      const parsed = valueSchema.safeParse(value);
      if (!parsed.success) throw notOurs();
      const { metadata, statuses, messages, contacts } = parsed.data;
      const names = namesIn(contacts);
      return {
        phoneNumberId: metadata?.phone_number_id ?? null,
        statuses: statuses.flatMap(toReport),
        inbound: messages.flatMap((message) => toInbound(message, names)),
      };
    });
}

const errorSchema = z.object({
  code: z.int(),
  title: z.string().optional().catch(undefined),
  error_data: z.object({ details: z.string() }).optional().catch(undefined),
});

const statusSchema = z.object({
  status: z.enum(["sent", "delivered", "read", "failed"]),
  timestamp: z.unknown().optional(),
  biz_opaque_callback_data: z.string().min(1).max(512),
  errors: z.array(errorSchema).optional().catch(undefined),
});

function toReport(json: unknown): Omit<StatusReport, "tenantId">[] {
  const status = statusSchema.safeParse(json).data;
  if (!status) return [];
  const { status: state, biz_opaque_callback_data: providerMessageId, errors } = status;
  const report = { providerMessageId, state, at: timeOf(status.timestamp) };
  return [state === "failed" ? { ...report, failure: failureOf(errors?.[0]) } : report];
}

function failureOf(error: z.output<typeof errorSchema> | undefined): ReportedFailure {
  if (!error) return { code: "rejected", detail: "failed, without a reason" };
  const { code, meaning } = cloudApiVerdict({ code: error.code });
  const said = error.error_data?.details ?? error.title;
  const detail = `${meaning} (code ${error.code}${said === undefined ? "" : `, ${said}`})`;
  return { code, detail: saidSafely(detail) };
}

const words = z.object({ title: z.string() });
const captioned = z.object({ caption: z.string() });
const messageSchema = z.looseObject({
  id: z.string().min(1).max(512),
  from: z.string().regex(/^\d{5,20}$/),
  timestamp: z.unknown().optional(),
  type: z.string().min(1).max(50),
});

/** Where the words of each type of message are. */
const textSchemas: readonly z.ZodType<string>[] = [
  z.object({ text: z.object({ body: z.string() }) }).transform(({ text }) => text.body),
  z.object({ button: z.object({ text: z.string() }) }).transform(({ button }) => button.text),
  z
    .object({ interactive: z.object({ button_reply: words }) })
    .transform(({ interactive }) => interactive.button_reply.title),
  z
    .object({ interactive: z.object({ list_reply: words }) })
    .transform(({ interactive }) => interactive.list_reply.title),
  z.object({ reaction: z.object({ emoji: z.string() }) }).transform(({ reaction }) => reaction.emoji),
  z.object({ image: captioned }).transform(({ image }) => image.caption),
  z.object({ video: captioned }).transform(({ video }) => video.caption),
  z.object({ document: captioned }).transform(({ document }) => document.caption),
];

function toInbound(json: unknown, names: ReadonlyMap<string, string>): InboundMessage[] {
  const message = messageSchema.safeParse(json).data;
  if (!message) return [];
  const text = textSchemas
    .map((schema) => schema.safeParse(message).data)
    .find((found) => found !== undefined);
  const { id: providerMessageId, from: phone, type } = message;
  const pushedName = names.get(phone);
  const media = cloudMediaOf(message);
  return [
    {
      providerMessageId,
      phone,
      type,
      text: text ?? null,
      at: timeOf(message.timestamp),
      ...(pushedName === undefined ? {} : { pushedName }),
      ...(media === null ? {} : { media }),
    },
  ];
}
