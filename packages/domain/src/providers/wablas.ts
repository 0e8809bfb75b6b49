import type { SendFailureCode } from "../messages/decide.ts";
import { verdictByStatus, type ProviderVerdict } from "./verdict.ts";

/**
 * Wablas has no error codes, only `{status: false, message}`. The words that tell the kinds of failure apart, tried from
 * top to bottom: what concerns the device comes first, because taking it for a fault of the recipient would fail a
 * whole campaign.
 */
const rules: readonly { readonly words: RegExp; readonly code: SendFailureCode; readonly meaning: string }[] =
  [
    {
      words: /too many|rate.?limit|throttl|slow down/i,
      code: "rate_limited",
      meaning: "too many requests",
    },
    {
      words: /token|secret|unauthori[sz]ed|unauthenticated|forbidden|not allowed|permission|whitelist/i,
      code: "device_refused",
      meaning: "the credentials are refused",
    },
    {
      words:
        /quota|expired|subscription|balance|suspend|blocked device|device.*(not found|blocked|inactive)/i,
      code: "device_refused",
      meaning: "the account's plan, quota or device does not allow it",
    },
    {
      words: /disconnect|not connected|offline|scan.*qr|device.*not (ready|active)/i,
      code: "device_disconnected",
      meaning: "the gateway has no connection to the phone",
    },
    {
      words: /not (registered|on whatsapp|a whatsapp)/i,
      code: "not_on_whatsapp",
      meaning: "the number is not on WhatsApp",
    },
    {
      words:
        /(invalid|wrong|incorrect|required).*(phone|number)|(phone|number).*(invalid|wrong|incorrect|required|not valid)/i,
      code: "invalid_recipient",
      meaning: "the gateway does not take the number",
    },
    {
      words: /try again|temporar|maintenance|server error|timed? ?out|unavailable/i,
      code: "provider_temporary",
      meaning: "the gateway is not available for a moment",
    },
  ];

/** A failure that says nothing known is judged by the HTTP status, see `verdictByStatus`. */
export function wablasVerdict(failure: { message: string; status?: number | undefined }): ProviderVerdict {
  const found = rules.find(({ words }) => words.test(failure.message));
  if (!found) return failure.status === 403 ? refusedByStatus : verdictByStatus(failure.status);
  return { code: found.code, meaning: found.meaning };
}

const refusedByStatus: ProviderVerdict = { code: "device_refused", meaning: "the credentials are refused" };
