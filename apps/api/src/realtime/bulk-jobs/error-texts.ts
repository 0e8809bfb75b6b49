import type { SendFailureCode } from "@pregonero/domain";

/** Why a message failed, for people: clients of this contract show `error` as it is. */
const texts: Readonly<Record<SendFailureCode | "outcome_unknown", string>> = {
  not_on_whatsapp: "The number is not on WhatsApp",
  invalid_recipient: "The number cannot be written to",
  rejected: "WhatsApp refused the message",
  opted_out: "The recipient wants no messages",
  needs_template: "The recipient can only be sent a template now",
  template_rejected: "WhatsApp refuses the template",
  provider_temporary: "WhatsApp could not send it, after all attempts",
  recipient_rate_limited: "The recipient has had too many messages lately",
  not_started: "The send could not begin",
  rate_limited: "The device sends too fast",
  device_disconnected: "The device is not connected",
  device_banned: "The device is banned",
  device_refused: "WhatsApp refuses the device",
  spam_limited: "WhatsApp limits the device because of spam",
  outcome_unknown: "Nobody can tell whether it was sent",
};

const byCode = new Map(Object.entries(texts));

/** A code that came later than this version is its own text. */
export function errorText(code: string | null): string {
  return code === null ? "The message could not be sent" : (byCode.get(code) ?? code);
}
