import type { SendFailureCode } from "../messages/decide.ts";
import { verdictByStatus, type ProviderVerdict } from "./verdict.ts";

/**
 * What the error codes of the WhatsApp Cloud API mean for us: of its answers to a send (`error.code`) and of failed
 * statuses in its webhooks (`errors[].code`). Source: Meta's "Error codes" of the Cloud API and of the Graph API.
 */

/** One code, or the first and last of a range. */
type Codes = number | readonly [first: number, last: number];

interface Rule extends ProviderVerdict {
  readonly codes: readonly Codes[];
}

const minuteMs = 60_000;
/** Meta counts calls of an app and of an account by the hour: to knock again at once only prolongs it. */
const callQuotaMs = minuteMs;
/** The number sends faster than its messages per second allow: that is over as soon as it pauses. */
const throughputMs = 5_000;
/** Meta holds marketing messages back from people who get many, and asks not to try again within a day. */
const ecosystemMs = 24 * 60 * minuteMs;

function rule(codes: readonly Codes[], code: SendFailureCode, meaning: string, retryAfterMs?: number): Rule {
  return { codes, code, meaning, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

const rules: readonly Rule[] = [
  // The device cannot send until somebody puts it right.
  rule([0, 190], "device_refused", "the access token is not valid or has expired"),
  rule([10, [200, 299]], "device_refused", "the access token lacks a permission"),
  rule([3, 131005], "device_refused", "the app may not do this"),
  rule([368], "device_refused", "the account is blocked for breaking a policy"),
  rule([131031], "device_refused", "the account is locked"),
  rule([131037], "device_refused", "the display name of the number is not approved"),
  rule([131042], "device_refused", "the payment method is missing or does not work"),
  rule([131045, 133010], "device_refused", "the number is not registered"),
  // The device is too fast.
  rule([4], "rate_limited", "the app has used up its calls", callQuotaMs),
  rule([80007], "rate_limited", "the account has used up its calls", callQuotaMs),
  rule([130429], "rate_limited", "more messages per second than the number may send", throughputMs),
  rule([131048], "spam_limited", "spam limit: too many recipients blocked or reported the number"),
  // This recipient, later.
  rule([131056], "recipient_rate_limited", "too many messages to this recipient in a short time"),
  rule([131049], "recipient_rate_limited", "held back: not again within a day", ecosystemMs),
  // The provider, later.
  rule([2, 131000, 131016, 131057], "provider_temporary", "the provider is not available for a moment"),
  // This recipient, for good.
  rule([131026], "rejected", "undeliverable: not on WhatsApp, an old version, or terms not accepted"),
  rule([130472], "rejected", "the recipient is part of an experiment of Meta's"),
  rule([131047], "needs_template", "24 hours have passed since the recipient wrote: needs a template"),
  rule([131021], "invalid_recipient", "the recipient is the sender"),
  rule([130497], "rejected", "the account may not write to this country"),
  rule([131051], "rejected", "messages of this type are not supported"),
  rule([131050], "opted_out", "the recipient wants no marketing messages from this account"),
  rule([100, 131008, 131009, 33], "rejected", "a parameter is wrong or missing"),
  // The whole campaign.
  rule([132000], "template_rejected", "the number of parameters is not the template's"),
  rule([132001], "template_rejected", "the template does not exist in this language or is not approved"),
  rule([132005], "template_rejected", "the template's text is too long with these parameters"),
  rule([132007], "template_rejected", "the template breaks a policy"),
  rule([132012], "template_rejected", "the format of a parameter is not the template's"),
  rule([132015], "template_rejected", "the template is paused for its low quality"),
  rule([132016], "template_rejected", "the template is disabled for its low quality"),
];

/** The object of the address, which is the number itself, does not exist for this token: code 100, subcode 33. */
const noSuchNumber: ProviderVerdict = {
  code: "device_refused",
  meaning: "the phone number id does not exist or the access token may not use it",
};

export interface CloudApiError {
  readonly code: number;
  readonly subcode?: number | undefined;
  /** HTTP status of the answer; none for the errors of a webhook. */
  readonly status?: number | undefined;
}

/** Decides on the code; a code that the table does not have is judged by the HTTP status, see `verdictByStatus`. */
export function cloudApiVerdict({ code, subcode, status }: CloudApiError): ProviderVerdict {
  if (code === 100 && subcode === 33) return noSuchNumber;
  const found = rules.find(({ codes }) => codes.some((known) => holds(known, code)));
  if (!found) return verdictByStatus(status);
  const { codes: _, ...verdict } = found;
  return verdict;
}

function holds(codes: Codes, code: number): boolean {
  return typeof codes === "number" ? codes === code : code >= codes[0] && code <= codes[1];
}
