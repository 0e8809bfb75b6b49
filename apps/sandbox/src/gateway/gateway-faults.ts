import { z } from "zod";
import { compileRules, draw, pick, shareOf, type Rule } from "../network/fault-rules.ts";
import type { GatewayFaultSettings } from "./fault-settings.ts";

/** How the line breaks under a request. */
export type LineFault = "garbage" | "half_body" | "no_answer" | "cut" | "http_500";

const lineFaults: readonly LineFault[] = ["garbage", "half_body", "no_answer", "cut", "http_500"];

type Patch = Readonly<Record<string, unknown>>;

const isPatch = (value: unknown): value is Patch =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The knobs of one gateway, and what they do to each request. */
export class GatewayFaults<S extends GatewayFaultSettings> {
  readonly #name: string;
  readonly #schema: z.ZodType<S>;
  #settings: S;
  #fail: Rule<S["fail"][number]>[] = [];
  // Draws are numbered, from the last change on, and not random: the same requests meet the same faults.
  #sends = 0;
  #requests = 0;

  constructor(name: string, schema: z.ZodType<S>) {
    this.#name = name;
    this.#schema = schema;
    this.#settings = schema.parse({});
  }

  get settings(): S {
    return this.#settings;
  }

  /**
   * What `apply` would make of a change: a key replaces what was there, only `webhook` is merged by key.
   * @throws z.ZodError when the result is not valid.
   */
  plan(patch: unknown): S {
    const parsed = this.#schema.safeParse(isPatch(patch) ? this.#merged(patch) : patch);
    if (parsed.success) return parsed.data;
    // Under the gateway's name, so that a mistake is told with its whole path.
    throw new z.ZodError(
      parsed.error.issues.map((issue) => ({ ...issue, path: [this.#name, ...issue.path] })),
    );
  }

  /** @throws z.ZodError when the change is not valid; nothing has changed then. */
  apply(patch: unknown): S {
    this.#settings = this.plan(patch);
    this.#requests = 0;
    // Rules that were not named keep what they have counted so far.
    if (isPatch(patch) && "fail" in patch) this.#compile();
    return this.#settings;
  }

  reset(): S {
    this.#settings = this.#schema.parse({});
    this.#requests = 0;
    this.#compile();
    return this.#settings;
  }

  latencyMs(): number {
    return draw(this.#settings.latency_ms);
  }

  /** The rule that makes this message fail. Counts it against every rule, so ask once for each. */
  failing(account: string, to: string): S["fail"][number] | undefined {
    if (this.#fail.length === 0) return undefined;
    this.#sends += 1;
    const rule = pick(this.#fail, { account, to, messageId: String(this.#sends) });
    if (rule === undefined) return undefined;
    rule.left -= 1;
    return rule.value;
  }

  /** How the line breaks under the next request; the shares are of all requests and add up. */
  lineFault(): LineFault | null {
    if (lineFaults.every((fault) => this.#settings[`${fault}_share`] === 0)) return null;
    this.#requests += 1;
    const drawn = shareOf(`line:${this.#requests}`);
    let upTo = 0;
    for (const fault of lineFaults) {
      upTo += this.#settings[`${fault}_share`];
      if (drawn < upTo) return fault;
    }
    return null;
  }

  #merged(patch: Patch): Patch {
    const given = patch["webhook"];
    const webhook = isPatch(given) ? { ...this.#settings.webhook, ...given } : given;
    return { ...this.#settings, ...patch, ...("webhook" in patch ? { webhook } : {}) };
  }

  #compile(): void {
    this.#sends = 0;
    this.#fail = compileRules<S["fail"][number]>(`${this.#name}.fail`, this.#settings.fail);
  }
}
