import type { CampaignCreated } from "@pregonero/contracts";
import type { Actor, Database, Transaction } from "@pregonero/db";
import type { Announcer } from "../events/announcer.ts";
import { createOnce, type IdempotencyKey } from "../http/idempotency.ts";
import type { ApiMetrics } from "../http/metrics.ts";
import type { AnyReply } from "../http/route.ts";
import type { CampaignBody } from "./campaign-body.ts";
import { createCampaign, type CampaignRules } from "./create-campaign.ts";

export interface CampaignDeskDeps {
  readonly db: Database;
  readonly announcer: Announcer;
  readonly metrics: Pick<ApiMetrics, "intakeRows">;
  readonly rules: CampaignRules;
}

/** Makes campaigns for every contract that has a way to ask for one: one transaction each, announced after it. */
export class CampaignDesk {
  readonly #deps: CampaignDeskDeps;

  constructor(deps: CampaignDeskDeps) {
    this.#deps = deps;
  }

  /**
   * @param bodyOf says within the transaction what is to be made
   * @throws ApiProblem, and nothing was created
   */
  async create<R extends AnyReply>(
    who: Actor,
    bodyOf: (tx: Transaction) => Promise<CampaignBody>,
    idempotency: IdempotencyKey | null,
    replyTo: (made: CampaignCreated) => R,
  ): Promise<R> {
    const { db, rules } = this.#deps;
    return await createOnce(
      db,
      { tenantId: who.tenantId, idempotency },
      async (tx) => {
        const made = await createCampaign(tx, who, await bodyOf(tx), rules);
        return { made, reply: replyTo(made) };
      },
      (made) => this.#created(made, who.tenantId),
    );
  }

  #created(campaign: CampaignCreated, tenantId: number): void {
    const { metrics, announcer } = this.#deps;
    metrics.intakeRows.inc({ result: "accepted" }, campaign.accepted);
    metrics.intakeRows.inc({ result: "rejected" }, campaign.rejected);
    announcer.jobChanged(tenantId, campaign.job, null);
  }
}
