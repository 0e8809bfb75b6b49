import { inject } from "vitest";
import { listNotifications, openDatabase, transaction, writeJobNotify, type Database } from "@pregonero/db";
import { cloneDatabase, makeDevice, makeJob, makeTenant } from "@pregonero/db/testing";
import type { Notify } from "@pregonero/contracts";

export interface OutboxWorld extends AsyncDisposable {
  readonly url: string;
  readonly db: Database;
  readonly tenantId: number;
  makeJob(notify?: Partial<Notify>): Promise<string>;
  /** Ends a job as the last outcome does. */
  end(jobId: string, status?: "completed" | "failed"): Promise<void>;
  log(): Promise<{ status: string; attempts: number; last_error: string | null; recipient: string }[]>;
}

export async function outboxWorld(): Promise<OutboxWorld> {
  const clone = await cloneDatabase(inject("databaseAdminUrl"), inject("templateDatabase"));
  const db = openDatabase({ url: clone.url, name: "test" });
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  return {
    url: clone.url,
    db,
    tenantId,
    async makeJob(notify = {}) {
      const id = await makeJob(db, { tenantId, messages: 3 });
      const whole: Notify = {
        email: [],
        webhook_url: null,
        on: ["completed", "failed", "paused"],
        ...notify,
      };
      await transaction(db, (tx) => writeJobNotify(tx, { id, tenantId, type: "send_messages" }, whole));
      return id;
    },
    async end(jobId, status = "completed") {
      await db.pool.query(
        "UPDATE send_messages_jobs SET status = $2, sent = 2, failed = 1, completed_at = now() WHERE id = $1",
        [jobId, status],
      );
    },
    async log() {
      return (await listNotifications(db.pool, tenantId, { limit: 100 })).items;
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await clone.drop();
    },
  };
}
