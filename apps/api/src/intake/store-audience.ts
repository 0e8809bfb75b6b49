import type { RejectedRow } from "@pregonero/contracts";
import {
  copyMessages,
  copyRejections,
  openSuppressionCheck,
  type SuppressionCheck,
  type PlannedMessage,
  type Transaction,
} from "@pregonero/db";
import { optedOut, type AudiencePlanner } from "@pregonero/domain";
import { judge, type Judged } from "./judge.ts";
import { tooManyMessages, type IntakeLimits } from "./limits.ts";
import type { GivenRecipient } from "./recipients.ts";

export interface AudienceTarget {
  readonly tenantId: number;
  readonly campaignId: string;
  readonly jobId: string;
}

export interface StoredAudience {
  readonly accepted: number;
  readonly rejected: number;
  /** The first of them. */
  readonly rejections: readonly RejectedRow[];
}

export const rejectionsShown = 1_000;

/**
 * Judges recipients and stores them, messages and rejections both over COPY, a batch at a time. While Postgres stores one
 * batch the next is read and judged.
 * @throws ApiProblem `too_large` as soon as there are more than may be
 */
export async function storeAudience(
  tx: Transaction,
  target: AudienceTarget,
  source: AsyncIterable<GivenRecipient[]>,
  rules: { planner: AudiencePlanner; limits: IntakeLimits },
): Promise<StoredAudience> {
  const suppressed = await openSuppressionCheck(tx, target.tenantId);
  const audience = new AudienceWriter(tx, target, { limits: rules.limits, suppressed });
  let storing: Promise<void> = Promise.resolve();
  for await (const batch of source) {
    const judged = judge(batch, rules.planner);
    await storing;
    storing = audience.store(judged);
    // Awaited in the next round; meanwhile a failure must not count as unhandled.
    storing.catch(() => undefined);
  }
  await storing;
  return audience.result();
}

class AudienceWriter {
  readonly #tx: Transaction;
  readonly #target: AudienceTarget;
  readonly #limits: IntakeLimits;
  readonly #suppressed: SuppressionCheck;
  readonly #shown: RejectedRow[] = [];
  #accepted = 0;
  #rejected = 0;

  constructor(
    tx: Transaction,
    target: AudienceTarget,
    rules: { limits: IntakeLimits; suppressed: SuppressionCheck },
  ) {
    this.#tx = tx;
    this.#target = target;
    this.#limits = rules.limits;
    this.#suppressed = rules.suppressed;
  }

  result(): StoredAudience {
    return { accepted: this.#accepted, rejected: this.#rejected, rejections: this.#shown };
  }

  async store({ candidates, rejections }: Judged): Promise<void> {
    const { tenantId, campaignId, jobId } = this.#target;
    const suppressed = await this.#suppressed(candidates.map(({ phone }) => phone));
    const messages: PlannedMessage[] = [];
    for (const { line, phone, variables } of candidates) {
      if (suppressed.has(phone)) rejections.push({ line, ...optedOut(phone) });
      else messages.push({ seq: ++this.#accepted, phone, variables, text: null });
    }
    if (this.#accepted > this.#limits.maxMessages) throw tooManyMessages(this.#limits);
    await copyMessages(this.#tx, { id: jobId, tenantId }, messages);
    await this.#reject(campaignId, rejections);
  }

  async #reject(campaignId: string, rejections: RejectedRow[]): Promise<void> {
    rejections.sort((a, b) => a.line - b.line);
    this.#rejected += rejections.length;
    this.#shown.push(...rejections.slice(0, Math.max(0, rejectionsShown - this.#shown.length)));
    await copyRejections(this.#tx, campaignId, rejections);
  }
}
