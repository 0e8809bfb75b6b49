import type { FaultMatch, Latency } from "./fault-settings.ts";
import { compileRule } from "./numbers.ts";

export interface Submission {
  /** The account that sends, E.164 digits. */
  readonly account: string;
  /** The recipient, E.164 digits. */
  readonly to: string;
  readonly messageId: string;
}

/** A number in [0, 1) that depends on nothing but the text, so that a run can be repeated. */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

export interface Rule<T> {
  readonly value: T;
  /** How often the rule may still be applied. */
  left: number;
  /** Counts the send, so ask once for each. */
  matches(submission: Submission): boolean;
}

function compileMatch(match: FaultMatch, salt: string): (submission: Submission) => boolean {
  const to = match.to === undefined ? undefined : compileRule(match.to);
  const account = match.account === undefined ? undefined : compileRule(match.account);
  let seen = 0;
  return (submission) => {
    if (to?.(submission.to) === false || account?.(submission.account) === false) return false;
    if (match.share !== undefined && shareOf(salt + submission.messageId) >= match.share) return false;
    seen += 1;
    return match.nth === undefined || seen === match.nth;
  };
}

export function compileRules<T extends { readonly match: FaultMatch; readonly times?: number | undefined }>(
  name: string,
  rules: readonly T[],
): Rule<T>[] {
  return rules.map((value, index) => ({
    value,
    left: value.times ?? Number.POSITIVE_INFINITY,
    matches: compileMatch(value.match, `${name}${index}:`),
  }));
}

/** The first rule that matches and is not used up. Every rule gets to count the send. */
export function pick<T>(rules: readonly Rule<T>[], submission: Submission): Rule<T> | undefined {
  return rules.filter((rule) => rule.matches(submission) && rule.left > 0)[0];
}

/** ms, anywhere between the bounds. */
export function draw(latency: Latency): number {
  if (typeof latency === "number") return latency;
  return latency.min + Math.random() * Math.max(0, latency.max - latency.min);
}
