import { randomUUID } from "node:crypto";
import { busChannel, type JobProgress, type JobStatus, type MessageState } from "@pregonero/contracts";
import { readJobProgress, type Database } from "@pregonero/db";
import type { EventBus } from "@pregonero/queue";

export interface Moves {
  readonly sent?: readonly string[];
  readonly failed?: readonly string[];
  readonly deviceId?: number | null;
  /** Commit but tell nobody, as when Redis is away or the process dies in between. */
  readonly silent?: boolean;
}

/** Moves messages as a worker does: commits the counters, reads them back, tells over Redis. */
export class Sender {
  readonly #db: Database;
  readonly #bus: EventBus;

  constructor(db: Database, bus: EventBus) {
    this.#db = db;
    this.#bus = bus;
  }

  async tenant(): Promise<number> {
    const slug = randomUUID();
    const { rows } = await this.#db.pool.query<{ id: number }>(
      "INSERT INTO tenants (slug, name) VALUES ($1, $1) RETURNING id",
      [slug],
    );
    return one(rows).id;
  }

  async device(tenantId: number): Promise<number> {
    const { rows } = await this.#db.pool.query<{ id: number }>(
      "INSERT INTO devices (tenant_id, name, kind) VALUES ($1, 'device', 'whatsapp_web') RETURNING id",
      [tenantId],
    );
    return one(rows).id;
  }

  /** A job with its row and nothing else. */
  async job(tenantId: number, total: number, status: JobStatus = "pending"): Promise<string> {
    const id = randomUUID();
    await this.#db.pool.query(
      `INSERT INTO send_messages_jobs (id, tenant_id, kind, status, total, created_by)
       VALUES ($1, $2, 'bulk', $3, $4, 'test')`,
      [id, tenantId, status, total],
    );
    return id;
  }

  async announce(jobId: string, previous: JobStatus | null): Promise<void> {
    const job = await this.progress(jobId);
    const event = { type: "job" as const, previous, job };
    await this.#bus.publish(busChannel.job(jobId), event);
    await this.#bus.publish(busChannel.tenant(job.tenantId), event);
  }

  async status(
    jobId: string,
    status: JobStatus,
    options: { silent?: boolean; reason?: string } = {},
  ): Promise<void> {
    const previous = (await this.progress(jobId)).status;
    await this.#db.pool.query("UPDATE send_messages_jobs SET status = $2, status_reason = $3 WHERE id = $1", [
      jobId,
      status,
      options.reason ?? null,
    ]);
    if (!options.silent) await this.announce(jobId, previous);
  }

  /** Completes the job when these were its last messages. */
  async move(jobId: string, moves: Moves): Promise<void> {
    const before = await this.commit(jobId, moves);
    if (moves.silent) return;
    if (before === "pending") await this.announce(jobId, before);
    const { status } = await this.progress(jobId);
    await this.tell(jobId, moves);
    if (status === "completed") await this.announce(jobId, "running");
  }

  /** Tells what was committed before. */
  async tell(jobId: string, { sent = [], failed = [], deviceId = null }: Moves): Promise<void> {
    const job = await this.progress(jobId);
    const item = (state: MessageState) => (phone: string) => ({
      messageId: randomUUID(),
      deviceId,
      phone,
      from: "sending" as const,
      state,
      errorCode: state === "failed" ? "not_on_whatsapp" : null,
    });
    const items = [...sent.map(item("sent")), ...failed.map(item("failed"))];
    await this.#bus.append(busChannel.job(jobId), { type: "messages", jobId, items, job });
  }

  async commit(jobId: string, { sent = [], failed = [], deviceId }: Moves): Promise<JobStatus> {
    const before = (await this.progress(jobId)).status;
    await this.#db.pool.query(
      `UPDATE send_messages_jobs SET sent = sent + $2, failed = failed + $3,
         status = CASE WHEN sent + failed + $2 + $3 = total THEN 'completed'
           WHEN status = 'pending' THEN 'running' ELSE status END::job_status
       WHERE id = $1`,
      [jobId, sent.length, failed.length],
    );
    if (typeof deviceId === "number")
      await this.#db.pool.query(
        `INSERT INTO lanes (job_id, device_id, class, weight, sent, failed) VALUES ($1, $2, 'bulk', 5, $3, $4)
         ON CONFLICT (job_id, device_id) DO UPDATE SET sent = lanes.sent + $3, failed = lanes.failed + $4`,
        [jobId, deviceId, sent.length, failed.length],
      );
    return before;
  }

  async progress(jobId: string): Promise<JobProgress> {
    return one(await readJobProgress(this.#db, [jobId]));
  }
}

export function phones(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `34600${String(first + index).padStart(6, "0")}`);
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error("expected a row");
  return row;
}
