import { cloudApiVerdict } from "@pregonero/domain";
import { z } from "zod";
import type { SendFailure, SendOutcome } from "../channel.ts";
import { jsonOf, retryAfterOf, safeDetail } from "../http/answers.ts";
import type { Exchange } from "../http/exchange.ts";
import { failureOf } from "../http/refusals.ts";

type Answer = Extract<Exchange, { kind: "answered" }>;

const acceptedSchema = z.object({ messages: z.array(z.object({ id: z.string().min(1) })).min(1) });

const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

/** Only the code decides: an error that lacks anything else is still an error. */
const errorSchema = z.object({
  error: z.object({
    code: z.int(),
    error_subcode: optional(z.int()),
    message: optional(z.string()),
    error_data: optional(z.object({ details: z.string() })),
    fbtrace_id: optional(z.string()),
  }),
});

/**
 * What an answer to a send means. 200 with an id: Meta has accepted it, and its statuses tell the rest. An error in the
 * documented form: refused. Anything else is not Meta's word, so it proves nothing, neither that the message went out
 * nor that it did not.
 */
export function outcomeOf(answer: Answer, secrets: readonly string[]): SendOutcome {
  const json = jsonOf(answer.body);
  const failure = failureIn(answer, json, secrets);
  if (failure) return { kind: "refused", failure };
  const accepted = answer.status === 200 ? acceptedSchema.safeParse(json).data : undefined;
  const wamid = accepted?.messages[0]?.id;
  if (wamid !== undefined) return { kind: "sent", ack: "sent", providerRef: wamid };
  return { kind: "ambiguous", reason: `an answer that says nothing (HTTP ${answer.status})` };
}

/** The error that an answer holds, or null when it holds none in the documented form. */
export function failureIn(
  answer: Answer,
  json: unknown = jsonOf(answer.body),
  secrets: readonly string[] = [],
): SendFailure | null {
  const error = errorSchema.safeParse(json).data?.error;
  if (!error) return null;
  const { code, error_subcode: subcode, message = "", error_data, fbtrace_id } = error;
  const verdict = cloudApiVerdict({ code, subcode, status: answer.status });
  const said = safeDetail([message, error_data?.details ?? ""].filter(Boolean).join(": "), secrets);
  const trace = fbtrace_id === undefined ? "" : `fbtrace_id ${fbtrace_id.slice(0, 64)}`;
  return failureOf(verdict, {
    detail: [`code ${code}`, said, trace].filter(Boolean).join(", "),
    providerCode: String(code),
    retryAfterMs: retryAfterOf(answer.headers),
  });
}
