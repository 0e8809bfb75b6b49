import { wablasVerdict } from "@pregonero/domain";
import { z } from "zod";
import type { OutgoingMessage, SendFailure, SendOutcome } from "../channel.ts";
import { jsonOf, retryAfterOf, safeDetail } from "../http/answers.ts";
import type { Exchange } from "../http/exchange.ts";
import { failureOf, refused } from "../http/refusals.ts";

type Answer = Extract<Exchange, { kind: "answered" }>;

const idSchema = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);

const entrySchema = z.object({
  id: idSchema,
  ref_id: idSchema,
  phone: idSchema,
  status: z.string().optional().catch(undefined),
});
type Entry = z.infer<typeof entrySchema>;

const answerSchema = z.object({
  status: z.boolean(),
  message: z.string().catch(""),
  data: z
    .object({ messages: z.array(entrySchema) })
    .optional()
    .catch(undefined),
});

/** - `refused`: the call as a whole; none of its messages was sent. - `each`: one outcome per message, in their order. */
export type GroupOutcome =
  | { readonly kind: "refused"; readonly failure: SendFailure }
  | { readonly kind: "each"; readonly outcomes: readonly SendOutcome[] };

/** What an answer to a group of messages means. The body's `status` decides; the HTTP status alone proves nothing. */
export function groupOutcome(
  answer: Answer,
  messages: readonly OutgoingMessage[],
  secrets: readonly string[],
): GroupOutcome {
  const failure = failureIn(answer, secrets);
  if (failure) return { kind: "refused", failure };
  const said = answerSchema.safeParse(jsonOf(answer.body)).data;
  const entries = said?.status === true && isSuccess(answer) ? (said.data?.messages ?? []) : null;
  return {
    kind: "each",
    outcomes: messages.map((message, at) =>
      entries === null
        ? { kind: "ambiguous", reason: `an answer that says nothing (HTTP ${answer.status})` }
        : outcomeOf(entryOf(message, at, messages, entries)),
    ),
  };
}

/** The failure that an answer states, or null when it states none. */
export function failureIn(answer: Answer, secrets: readonly string[]): SendFailure | null {
  const said = answerSchema.safeParse(jsonOf(answer.body)).data;
  if (said?.status !== false) return null;
  const verdict = wablasVerdict({ message: said.message, status: answer.status });
  const detail = safeDetail(said.message, secrets);
  return failureOf(verdict, { detail, retryAfterMs: retryAfterOf(answer.headers) });
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** By our id; else by the phone, of which a group holds each once; else, of an entry that names neither, by position. */
function entryOf(
  message: OutgoingMessage,
  at: number,
  messages: readonly OutgoingMessage[],
  entries: readonly Entry[],
): Entry | undefined {
  // They may write the phone in another way than we did: of one message there is no doubt whose answer it is.
  if (messages.length === 1 && entries.length === 1) return entries[0];
  const byRef = entries.find((entry) => entry.ref_id === message.providerMessageId);
  if (byRef) return byRef;
  const byPhone = entries.find((entry) => entry.phone?.replaceAll(/\D/g, "") === message.to);
  if (byPhone) return byPhone;
  const there = messages.length === entries.length ? entries[at] : undefined;
  return there?.ref_id === undefined && there?.phone === undefined ? there : undefined;
}

function outcomeOf(entry: Entry | undefined): SendOutcome {
  if (!entry) return { kind: "ambiguous", reason: "the answer has no word on this message" };
  const providerRef = entry.id === undefined ? {} : { providerRef: entry.id };
  switch (entry.status?.toLowerCase()) {
    case undefined:
    // Accepted: the gateway's tracking tells the rest.
    case "pending":
    case "sent":
      return { kind: "sent", ack: "sent", ...providerRef };
    case "delivered":
    case "received":
      return { kind: "sent", ack: "delivered", ...providerRef };
    case "read":
      return { kind: "sent", ack: "read", ...providerRef };
    case "cancel":
    case "reject":
      return refused("rejected", `the gateway says "${entry.status}"`);
    default:
      return { kind: "ambiguous", reason: "the answer has a status for this message that is not known" };
  }
}
