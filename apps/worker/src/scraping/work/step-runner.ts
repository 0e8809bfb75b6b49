import { randomUUID } from "node:crypto";
import type { ClaimedStep, StepOutcome, StoredScreenshots } from "@pregonero/db";
import { decideVisit } from "@pregonero/domain";
import type { Logger } from "@pregonero/runtime";
import type { BlobStore } from "@pregonero/storage";
import type { VisitContext } from "../browser/visit-context.ts";
import { VisitFailure } from "../visit/failure.ts";
import { toStepResult } from "../visit/report.ts";
import type { Screenshots } from "../visit/screenshots.ts";
import {
  BrowserGone,
  VisitAborted,
  visitSite,
  type VisitResult,
  type VisitTools,
} from "../visit/visit-site.ts";

export interface StepRunnerOptions {
  /** Does its work in a fresh context. */
  readonly fleet: { visit<T>(work: (context: VisitContext) => Promise<T>): Promise<T> };
  readonly tools: VisitTools;
  readonly blobs: Pick<BlobStore, "put" | "delete">;
  readonly log: Logger;
}

/** Makes a claimed step into what became of it. */
export class StepRunner {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /** Never rejects. @param signal ends the visit at once; then the step goes back as if it had not been claimed */
  async run(step: ClaimedStep, signal: AbortSignal): Promise<StepOutcome> {
    const { claimId } = step;
    try {
      const { report, screenshots } = await this.#visit(step, signal);
      return {
        claimId,
        status: "completed",
        report,
        screenshots: await this.#store(step, screenshots),
        result: toStepResult(step.stepId, report),
      };
    } catch (error) {
      return this.#outcomeOf(error, step);
    }
  }

  /** What was stored for an outcome that nobody takes. */
  async discard(outcome: StepOutcome): Promise<void> {
    if (outcome.status !== "completed") return;
    const keys = [outcome.screenshots.full, outcome.screenshots.thumbnail].filter((key) => key !== null);
    await Promise.all(keys.map((key) => this.#options.blobs.delete(key)));
  }

  /** A site that does not answer over https at all is tried over http. */
  async #visit(step: ClaimedStep, signal: AbortSignal): Promise<VisitResult> {
    try {
      return await this.#visitAt(step.url, step, signal);
    } catch (error) {
      const plain = step.url.replace(/^https:/, "http:");
      const unanswered = error instanceof VisitFailure && error.code === "connection";
      // With a port it was meant as it stands.
      if (!unanswered || plain === step.url || new URL(step.url).port !== "") throw error;
      return await this.#visitAt(plain, step, signal).catch((second: unknown) => {
        throw second instanceof VisitFailure && second.code === "connection" ? error : second;
      });
    }
  }

  async #visitAt(url: string, step: ClaimedStep, signal: AbortSignal): Promise<VisitResult> {
    const { fleet, tools } = this.#options;
    const { config } = step;
    if (config.respect_robots) await tools.robots.check(url, signal);
    if (signal.aborted) throw new VisitAborted("the visit was called off");
    return await fleet.visit((context) => visitSite(context, { url, config, signal }, tools));
  }

  async #store(step: ClaimedStep, screenshots: Screenshots | null): Promise<StoredScreenshots> {
    if (!screenshots) return { full: null, thumbnail: null };
    const { blobs } = this.#options;
    const put = async (body: Buffer): Promise<string> => {
      const key = `tenant/${step.tenantId}/screenshots/${randomUUID()}.jpg`;
      await blobs.put(key, body, { contentType: "image/jpeg" });
      return key;
    };
    const [full, thumbnail] = await Promise.all([put(screenshots.full), put(screenshots.thumbnail)]);
    return { full, thumbnail };
  }

  #outcomeOf(error: unknown, step: ClaimedStep): StepOutcome {
    const { claimId, config } = step;
    if (error instanceof VisitAborted) {
      return {
        claimId,
        status: "pending",
        code: null,
        message: null,
        retryMs: 0,
        refund: true,
        result: null,
      };
    }
    if (error instanceof BrowserGone) {
      const message = "the browser was lost";
      return { claimId, status: "pending", code: "crash", message, retryMs: 0, refund: true, result: null };
    }
    const failure = error instanceof VisitFailure ? error : this.#unexpected(error, step);
    const { code, message } = failure;
    const result = {
      http_status: failure.httpStatus,
      ...(failure.finalUrl ? { final_url: failure.finalUrl } : {}),
    };
    const decision = decideVisit(code, {
      attempt: step.attempt,
      maxRetries: config.max_retries,
      retryDelayMs: config.retry_delay_ms,
      httpStatus: failure.httpStatus,
      retryAfterMs: failure.retryAfterMs,
    });
    switch (decision.do) {
      case "retry":
        return {
          claimId,
          status: "pending",
          code,
          message,
          retryMs: decision.afterMs,
          refund: false,
          result,
        };
      case "skip":
        return { claimId, status: "skipped", code, message, result };
      case "fail":
        return { claimId, status: "failed", code, message, result };
    }
  }

  #unexpected(error: unknown, step: ClaimedStep): VisitFailure {
    this.#options.log.error("a visit failed in a way that nobody expected", { step: step.stepId, error });
    return new VisitFailure("internal", "something went wrong here");
  }
}
