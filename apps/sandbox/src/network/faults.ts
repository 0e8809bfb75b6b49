import { compileRules, draw, pick, shareOf, type Rule, type Submission } from "./fault-rules.ts";
import { defaultFaults, mergeFaults, type FaultSettings, type SendError } from "./fault-settings.ts";
import { compileRule, isWellFormed } from "./numbers.ts";

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
    return draw(this.#settings.latency_ms);
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
