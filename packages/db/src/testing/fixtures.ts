import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";

/** A tenant of its own. @returns its id */
export async function makeTenant(db: Database, slug = randomUUID()): Promise<number> {
  const { id } = await db.prisma.tenant.create({ data: { slug, name: slug } });
  return id;
}

/** A device that was never linked and that a worker should hold, or one that counts as linked and connected. */
export async function makeDevice(db: Database, tenantId: number, linked = true): Promise<number> {
  const { id } = await db.prisma.device.create({
    data: {
      tenantId,
      name: "device",
      kind: "whatsapp_web",
      wanted: true,
      linked,
      state: linked ? "connected" : "disconnected",
    },
  });
  return id;
}

export interface JobFixture {
  readonly tenantId: number;
  readonly messages: number;
  readonly devices?: readonly number[];
  readonly laneClass?: "interactive" | "bulk";
  readonly priority?: number;
  readonly devicesLimit?: number;
  readonly intervalMs?: number;
  readonly maxAttempts?: number;
  readonly firstPhone?: number;
}

/** A planned job with lanes. @returns its id */
export async function makeJob(db: Database, fixture: JobFixture): Promise<string> {
  const id = randomUUID();
  await db.prisma.sendMessagesJob.create({
    data: {
      id,
      tenantId: fixture.tenantId,
      kind: "bulk",
      body: "hello",
      total: fixture.messages,
      laneClass: fixture.laneClass ?? "bulk",
      priority: fixture.priority ?? 5,
      devicesLimit: fixture.devicesLimit ?? 5,
      intervalMs: fixture.intervalMs ?? 0,
      maxAttempts: fixture.maxAttempts ?? 3,
      devicesNamed: fixture.devices !== undefined,
      createdBy: "test",
    },
  });
  await db.pool.query(
    `INSERT INTO messages (id, tenant_id, job_id, seq, phone, variables)
     SELECT gen_random_uuid(), $1, $2, n, ($4::bigint + n)::text, '{}' FROM generate_series(1, $3::int) n`,
    [fixture.tenantId, id, fixture.messages, fixture.firstPhone ?? 34_600_000_000],
  );
  await db.pool.query("SELECT open_lanes($1, $2)", [id, fixture.devices ?? null]);
  return id;
}

/** Counters of a job as they stand, and recounted from its messages: they must be equal at every commit. */
export async function countersAndRecount(db: Database, jobId: string) {
  const columns = [
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "cancelled",
    "skipped",
    "unknown",
    "settling",
  ];
  const counters = await db.pool.query<Record<string, number>>(
    `SELECT ${columns.join(", ")} FROM send_messages_jobs WHERE id = $1`,
    [jobId],
  );
  const recount = await db.pool.query<Record<string, number>>(
    `SELECT count(*) FILTER (WHERE state = 'sending')::int AS sending,
       count(*) FILTER (WHERE state IN ('sent', 'delivered', 'read'))::int AS sent,
       count(*) FILTER (WHERE state IN ('delivered', 'read'))::int AS delivered,
       count(*) FILTER (WHERE state = 'read')::int AS read,
       count(*) FILTER (WHERE state = 'failed')::int AS failed,
       count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
       count(*) FILTER (WHERE state = 'skipped')::int AS skipped,
       count(*) FILTER (WHERE state = 'unknown')::int AS unknown,
       count(*) FILTER (WHERE state = 'unknown' AND settle_until IS NOT NULL)::int AS settling
     FROM messages WHERE job_id = $1`,
    [jobId],
  );
  return { counters: counters.rows[0], recount: recount.rows[0] };
}
