import {
  defaultFaults,
  mergeFaults,
  type FaultMatch,
  type FaultSettings,
  type SendError,
} from "./fault-settings.ts";
import { compileRule, isWellFormed } from "./numbers.ts";

export interface Submission {
  /** The account that sends, E.164 digits. */
  readonly account: string;
  /** The recipient, E.164 digits. */
  readonly to: string;
  readonly messageId: string;
}

/** What becomes of one send. */
export type Verdict =
  | { readonly kind: "pass" }
  | {
      readonly kind: "fail";
      readonly result: SendError;
      readonly delivered: boolean;
      readonly keeps: "failed" | "outbox";
    }
  | { readonly kind: "hang"; readonly arrives: boolean };

/** A number in [0, 1) that depends on nothing but the text, so that a run can be repeated. */
export function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

interface Rule<T> {
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

function compileRules<T extends { readonly match: FaultMatch; readonly times?: number | undefined }>(
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
function pick<T>(rules: readonly Rule<T>[], submission: Submission): Rule<T> | undefined {
  return rules.filter((rule) => rule.matches(submission) && rule.left > 0)[0];
}

/** The knobs of the network, and what they do to each send, receipt and question. */
export class Faults {
  #settings = defaultFaults();
  #fail: Rule<FaultSettings["fail"][number]>[] = [];
  #hang: Rule<FaultSettings["hang"][number]>[] = [];
  #unregistered: ((phone: string) => boolean)[] = [];

  constructor() {
    this.reset();
  }

  get settings(): FaultSettings {
    return this.#settings;
  }

  /** @throws z.ZodError when the change is not valid; nothing has changed then. */
  merge(patch: Readonly<Record<string, unknown>>): FaultSettings {
    this.#settings = mergeFaults(this.#settings, patch);
    // Rules that were not named keep what they have counted so far.
    if ("fail" in patch) this.#fail = compileRules("fail", this.#settings.fail);
    if ("hang" in patch) this.#hang = compileRules("hang", this.#settings.hang);
    if ("unregistered" in patch) this.#unregistered = this.#settings.unregistered.map(compileRule);
    return this.#settings;
  }

  reset(): FaultSettings {
    return this.merge(defaultFaults());
  }

  isRegistered(phone: string): boolean {
    return isWellFormed(phone) && !this.#unregistered.some((rule) => rule(phone));
  }

  /** Counts the send against every rule, so ask once for each message. */
  verdict(submission: Submission): Verdict {
    const hang = pick(this.#hang, submission);
    const fail = pick(this.#fail, submission);
    if (hang !== undefined) {
      hang.left -= 1;
      return { kind: "hang", arrives: hang.value.arrives };
    }
    if (fail === undefined) return { kind: "pass" };
    fail.left -= 1;
    const { result, delivered, keeps } = fail.value;
    return { kind: "fail", result, delivered, keeps: keeps ?? (delivered ? "outbox" : "failed") };
  }

  latencyMs(): number {
    const latency = this.#settings.latency_ms;
    if (typeof latency === "number") return latency;
    return latency.min + Math.random() * Math.max(0, latency.max - latency.min);
  }

  dropsReceipt(messageId: string, ack: number): boolean {
    return shareOf(`ack${ack}:${messageId}`) < this.#settings.acks.drop_share;
  }

  isRead(messageId: string): boolean {
    return shareOf(`read:${messageId}`) < this.#settings.read_share;
  }

  /** Whether the question if this number exists ends in a network error. */
  failsExistsQuery(): boolean {
    return Math.random() < this.#settings.exists_network_error_share;
  }
}
