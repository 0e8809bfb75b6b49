import {
  asideDevice,
  pauseFailingJobs,
  pauseJobFor,
  suppressPhone,
  type Database,
  type MovedMessage,
  type OwnClaim,
} from "@pregonero/db";
import type { Logger } from "@pregonero/runtime";
import type { Announcer } from "../events/announcer.ts";
import type { StatusReport } from "./report.ts";

export interface ConsequencesDeps {
  readonly db: Database;
  readonly announcer: Pick<Announcer, "owed">;
  readonly log: Logger;
}

const hourMs = 3_600_000;
/** The same as workers take for a refused send: until somebody has looked at it. */
const asideMs = { device_refused: 7 * 24 * hourMs, spam_limited: 24 * hourMs } as const;

/** What a failure that a provider reports means beyond its message: for the recipient, the campaign, the device. */
export class Consequences {
  readonly #deps: ConsequencesDeps;

  constructor(deps: ConsequencesDeps) {
    this.#deps = deps;
  }

  /** What must not be lost if the process ends here: the provider tells it again as long as the message has not failed. */
  async before(reports: readonly StatusReport[], claims: ReadonlyMap<string, OwnClaim>): Promise<void> {
    for (const { failure, providerMessageId, tenantId } of reports) {
      const claim = claims.get(providerMessageId);
      if (failure?.code !== "opted_out" || !claim || claim.state === "failed") continue;
      await suppressPhone(this.#deps.db, tenantId, claim.phone, "asked WhatsApp for no more messages");
    }
  }

  /** Once for each message that failed by it: an operator who resumed the job since is not overruled by a repetition. */
  async after(moved: readonly MovedMessage[], reports: readonly StatusReport[]): Promise<void> {
    const failures = new Map(reports.map((report) => [report.providerMessageId, report.failure]));
    const paused = new Map<string, string>();
    const aside = new Map<number, { forMs: number; reason: string }>();
    for (const { providerMessageId, to, jobId, deviceId } of moved) {
      const failure = failures.get(providerMessageId);
      if (to !== "failed" || !failure) continue;
      const { code, detail: reason } = failure;
      if (code === "template_rejected") paused.set(jobId, `paused by itself: ${reason}`);
      else if (deviceId !== null && (code === "device_refused" || code === "spam_limited")) {
        aside.set(deviceId, { forMs: asideMs[code], reason });
      }
    }
    await this.#pause(paused);
    await this.#pauseFailing(moved);
    for (const [deviceId, how] of aside) {
      await asideDevice(this.#deps.db.pool, deviceId, how);
      this.#deps.log.error("device put aside by its provider", { device: deviceId, reason: how.reason });
    }
  }

  /** They count like those that a worker is told of when it sends. */
  async #pauseFailing(moved: readonly MovedMessage[]): Promise<void> {
    const { db, announcer, log } = this.#deps;
    const failing = new Set(moved.filter(({ to }) => to === "failed").map(({ jobId }) => jobId));
    const paused = await pauseFailingJobs(db, [...failing]);
    if (paused.length === 0) return;
    log.warn("jobs paused by themselves", { jobs: paused });
    await announcer.owed().catch(() => undefined);
  }

  async #pause(jobs: ReadonlyMap<string, string>): Promise<void> {
    const { db, announcer, log } = this.#deps;
    let some = false;
    for (const [jobId, reason] of jobs) {
      if (!(await pauseJobFor(db, jobId, reason))) continue;
      some = true;
      log.warn("a job was paused by its provider", { job: jobId, reason });
    }
    // A change that cannot be told now is owed, and told by the reconciler.
    if (some) await announcer.owed().catch(() => undefined);
  }
}
