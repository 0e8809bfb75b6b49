import type { NotificationBody } from "@pregonero/contracts";
import {
  claimNotifications,
  expireNotifications,
  recordNotification,
  type ClaimedNotification,
  type Database,
  type NotificationEnd,
} from "@pregonero/db";
import { sleep, type Logger } from "@pregonero/runtime";
import { mailFor } from "./mail.ts";
import type { MailEnd, Smtp } from "./smtp.ts";

export interface NotificationSenderOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Null without SMTP settings: mails wait for a worker that has some. */
  readonly smtp: Pick<Smtp, "send"> | null;
  /** Calls an address that a user gave. */
  readonly post: (url: string, tenantId: number, body: string) => Promise<MailEnd>;
  /** Where the product is, for links. */
  readonly publicUrl: string | null;
  readonly everyMs: number;
  /** How long a worker may be silent about a notification that it sends. Longer than any send can take. */
  readonly leaseMs: number;
}

const sentAtOnce = 10;
const attempts = 8;
const firstRetryMs = 30_000;
const longestRetryMs = 3_600_000;
const expireAfterMs = 24 * 3_600_000;
const expireEveryMs = 60_000;

/**
 * Sends what the outbox holds, in every worker, each taking what no other has. A worker that is killed after its claim
 * leaves the notification to another, which sends it under the same id: at least once, and recognisably the same.
 */
export class NotificationSender {
  readonly #options: NotificationSenderOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #expiredAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: NotificationSenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (await sleep(this.#options.everyMs, this.#stop.signal)) {
      try {
        await this.round();
      } catch (error) {
        this.#options.log.warn("notifications could not be sent", { error });
      }
    }
  }

  /** Everything that is due. */
  async round(): Promise<void> {
    const { db, smtp, leaseMs } = this.#options;
    const channels = smtp === null ? (["webhook"] as const) : (["webhook", "email"] as const);
    if (performance.now() - this.#expiredAtMs > expireEveryMs) {
      await expireNotifications(db, expireAfterMs);
      this.#expiredAtMs = performance.now();
    }
    while (!this.#stop.signal.aborted) {
      const claimed = await claimNotifications(db, { channels, limit: sentAtOnce, leaseMs });
      if (claimed.length === 0) return;
      await Promise.all(claimed.map((notification) => this.#send(notification)));
    }
  }

  async #send(notification: ClaimedNotification): Promise<void> {
    const { db, log } = this.#options;
    const end = endOf(await this.#deliver(notification), notification.attempt);
    if (end.status !== "sent") {
      const { id, tenantId: tenant, channel, attempt } = notification;
      log.warn("a notification did not come through", { id, tenant, channel, attempt, error: end.error });
    }
    await recordNotification(db, notification, end);
  }

  async #deliver(notification: ClaimedNotification): Promise<MailEnd> {
    const { smtp, post, publicUrl } = this.#options;
    const { channel, recipient, tenantId } = notification;
    if (channel === "webhook") return await post(recipient, tenantId, JSON.stringify(bodyOf(notification)));
    if (smtp === null) return { ok: false, permanent: false, error: "no SMTP settings" };
    return await smtp.send(recipient, mailFor(notification, publicUrl), notification.id);
  }
}

function bodyOf({
  id,
  event,
  createdAt,
  jobId,
  jobType,
  stepId,
  data,
}: ClaimedNotification): NotificationBody {
  const type = event === "test" ? "test" : `job.${event}`;
  const about = { job_id: jobId, job_type: jobType, step_id: stepId };
  return { id, type, created_at: createdAt.toISOString(), ...about, data };
}

function endOf(sent: MailEnd, attempt: number): NotificationEnd {
  if (sent.ok) return { status: "sent" };
  if (sent.permanent || attempt >= attempts) return { status: "failed", error: sent.error };
  const pause = Math.min(firstRetryMs * 2 ** (attempt - 1), longestRetryMs);
  // Spread, so that what failed together does not come back together.
  return { status: "pending", retryMs: Math.round(pause * (0.8 + 0.4 * Math.random())), error: sent.error };
}
