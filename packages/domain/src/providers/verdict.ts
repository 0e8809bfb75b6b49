import type { SendFailureCode } from "../messages/decide.ts";

/** What a provider's refusal means for the message, the device, the recipient or the campaign. */
export interface ProviderVerdict {
  /** Decides what is done: see `SendFailureCode`. */
  readonly code: SendFailureCode;
  /** Not before so many ms; without it the general back-off of the code holds. */
  readonly retryAfterMs?: number;
  /** For operators, in words. */
  readonly meaning: string;
}

/**
 * A refusal that the tables do not know, judged by its HTTP status: 401 is said of the device, 429 says that it is too
 * fast, 5xx may pass, anything else (a refusal under 2xx and 3xx too) is said of this message and fails the recipient.
 */
export function verdictByStatus(status: number | undefined): ProviderVerdict {
  if (status === 401) return { code: "device_refused", meaning: "the credentials are refused" };
  if (status === 429) return { code: "rate_limited", meaning: "too many requests" };
  if (status !== undefined && status >= 500) {
    return { code: "provider_temporary", meaning: "unknown error of the provider's own" };
  }
  return { code: "rejected", meaning: "unknown refusal" };
}
