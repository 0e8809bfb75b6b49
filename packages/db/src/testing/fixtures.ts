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
      // Not to be claimed before its messages are there.
      status: "scheduled",
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
     SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
         || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid, $1, $2, n, ($4::bigint + n)::text, '{}' FROM generate_series(1, $3::int) n`,
    [fixture.tenantId, id, fixture.messages, fixture.firstPhone ?? 34_600_000_000],
  );
  await db.pool.query("SELECT open_lanes($1, $2)", [id, fixture.devices ?? null]);
  await db.pool.query("UPDATE send_messages_jobs SET status = 'pending' WHERE id = $1", [id]);
  return id;
}

/** Counters of a job as they stand, and recounted from its messages: they must be equal at every commit. */
export async function countersAndRecount(db: Database, jobId: string) {
  // One statement, one snapshot: acks go on coming.
  const { rows } = await db.pool.query<{ counters: Record<string, number>; recount: Record<string, number> }>(
    `SELECT json_build_object('sending', j.sending, 'sent', j.sent, 'delivered', j.delivered, 'read', j.read,
       'failed', j.failed, 'cancelled', j.cancelled, 'skipped', j.skipped, 'unknown', j.unknown,
       'settling', j.settling) AS counters,
     json_build_object(
       'sending', count(*) FILTER (WHERE m.state = 'sending'),
       'sent', count(*) FILTER (WHERE m.state IN ('sent', 'delivered', 'read')),
       'delivered', count(*) FILTER (WHERE m.state IN ('delivered', 'read')),
       'read', count(*) FILTER (WHERE m.state = 'read'),
       'failed', count(*) FILTER (WHERE m.state = 'failed'),
       'cancelled', count(*) FILTER (WHERE m.state = 'cancelled'),
       'skipped', count(*) FILTER (WHERE m.state = 'skipped'),
       'unknown', count(*) FILTER (WHERE m.state = 'unknown'),
       'settling', count(*) FILTER (WHERE m.state = 'unknown' AND m.settle_until IS NOT NULL)) AS recount
     FROM send_messages_jobs j JOIN messages m ON m.job_id = j.id WHERE j.id = $1 GROUP BY j.id`,
    [jobId],
  );
  return { counters: rows[0]?.counters, recount: rows[0]?.recount };
}
