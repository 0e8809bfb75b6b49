import { maskPhone } from "@pregonero/runtime";

/** The JSON of an answer; undefined when it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const longestDetail = 300;
/** A shorter one is part of any word: to hide it would make the text unreadable and hide nothing. */
const shortestSecret = 6;
/** Seven digits or more, as people and providers write them: a phone number as far as anybody can tell. */
const digitRun = /\+?\d(?:[\s().-]{0,2}\d){6,}/g;

/**
 * What a provider said, fit for logs and for the table: no phone number (they repeat the recipient's) and none of the
 * device's own secrets (Meta repeats a malformed access token).
 */
export function safeDetail(said: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .reduce((text, secret) => text.replaceAll(secret, "***"), said);
  return hidden.replaceAll(digitRun, maskPhone).replaceAll(/\s+/g, " ").trim().slice(0, longestDetail);
}

const longestWaitMs = 24 * 60 * 60_000;

/** The `Retry-After` of an answer in ms: seconds, or a date; undefined when it has none that makes sense. */
export function retryAfterOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  nowMs = Date.now(),
): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return ms > 0 ? Math.min(ms, longestWaitMs) : undefined;
}
