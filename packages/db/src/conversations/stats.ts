import type { CampaignStats, DayStats, DeviceStats, TenantStats } from "@pregonero/contracts";
import { dayIn } from "@pregonero/domain";
import type { Queryable } from "../api/transaction.ts";

/** Days of the tenant's time zone, both included; null: the 30 days up to today. */
export interface StatsRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly deviceId?: number | undefined;
}

interface Sums {
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly failed: number;
  readonly replied: number;
  readonly received: number;
}

const sums = `coalesce(sum(s.sent), 0)::int AS sent, coalesce(sum(s.delivered), 0)::int AS delivered,
  coalesce(sum(s.read), 0)::int AS read, coalesce(sum(s.failed), 0)::int AS failed,
  coalesce(sum(s.replied), 0)::int AS replied, coalesce(sum(s.received), 0)::int AS received`;

/** $1 tenant, $2 and $3 first and last day, $4 time zone, $5 device or null. */
const inRange = `s.tenant_id = $1 AND s.slot >= ($2::date)::timestamp AT TIME ZONE $4
  AND s.slot < ($3::date + 1)::timestamp AT TIME ZONE $4 AND ($5::int IS NULL OR s.device_id = $5)`;

const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((Math.min(part, whole) / whole) * 10_000) / 10_000;

function withRates<Row extends Sums>({ replied, ...row }: Row) {
  return {
    ...row,
    delivery_rate: share(row.delivered, row.sent),
    read_rate: share(row.read, row.sent),
    reply_rate: share(replied, row.sent),
  };
}

/** Figures of the present day of the tenant's time zone. */
export async function readTenantStats(
  db: Queryable,
  tenantId: number,
  now = new Date(),
): Promise<TenantStats> {
  const zone = await timeZoneOf(db, tenantId);
  const day = dayIn(zone, now);
  const { rows } = await db.query<Sums & { open_conversations: number }>({
    name: "read_tenant_stats",
    text: `SELECT ${sums}, (SELECT count(*)::int FROM conversations c WHERE c.tenant_id = $1 AND c.status = 'open')
        AS open_conversations FROM message_stats s WHERE ${inRange}`,
    values: [tenantId, day, day, zone, null],
  });
  const [row] = rows;
  if (!row) throw new Error("sums without a row");
  return { day, ...withRates(row) };
}

/** Each day of the range, oldest first, also those without any message. */
export async function readDayStats(db: Queryable, tenantId: number, range: StatsRange): Promise<DayStats[]> {
  const bounds = await boundsOf(db, tenantId, range);
  const { rows } = await db.query<Sums & { day: string }>(
    `SELECT d.day::date::text AS day, ${sums} FROM generate_series($2::date, $3::date, interval '1 day') AS d (day)
     LEFT JOIN message_stats s ON ${inRange} AND (s.slot AT TIME ZONE $4)::date = d.day::date
     GROUP BY d.day ORDER BY d.day`,
    bounds,
  );
  return rows.map(withRates);
}

/** Each device that has figures in the range. */
export async function readDeviceStats(
  db: Queryable,
  tenantId: number,
  range: StatsRange,
): Promise<DeviceStats[]> {
  const bounds = await boundsOf(db, tenantId, range);
  const { rows } = await db.query<Sums & { device_id: number; name: string }>(
    `SELECT s.device_id, d.name, ${sums} FROM message_stats s JOIN devices d ON d.id = s.device_id
     WHERE ${inRange} GROUP BY s.device_id, d.name ORDER BY s.device_id`,
    bounds,
  );
  return rows.map(withRates);
}

/** Each campaign that has figures in the range, newest first, at most 500. */
export async function readCampaignStats(
  db: Queryable,
  tenantId: number,
  range: StatsRange,
): Promise<CampaignStats[]> {
  const bounds = await boundsOf(db, tenantId, range);
  const { rows } = await db.query<Sums & { campaign_id: string; name: string }>(
    `SELECT c.id AS campaign_id, c.name, ${sums}
     FROM message_stats s JOIN send_messages_jobs j ON j.id = s.job_id JOIN campaigns c ON c.id = j.campaign_id
     WHERE ${inRange} GROUP BY c.id, c.name ORDER BY c.created_at DESC, c.id DESC LIMIT 500`,
    bounds,
  );
  // What a campaign receives are its answers.
  return rows.map((row) => withRates({ ...row, received: row.replied }));
}

async function timeZoneOf(db: Queryable, tenantId: number): Promise<string> {
  const { rows } = await db.query<{ zone: string }>({
    name: "time_zone_of",
    text: "SELECT time_zone AS zone FROM chat_settings WHERE tenant_id = $1",
    values: [tenantId],
  });
  return rows[0]?.zone ?? "UTC";
}

const dayMs = 86_400_000;
const usualDays = 30;
const mostDays = 366;

async function boundsOf(db: Queryable, tenantId: number, range: StatsRange): Promise<unknown[]> {
  const zone = await timeZoneOf(db, tenantId);
  const to = range.to ?? dayIn(zone, new Date());
  const daysBefore = (days: number) => new Date(Date.parse(to) - days * dayMs).toISOString().slice(0, 10);
  const from = range.from ?? daysBefore(usualDays - 1);
  const earliest = daysBefore(mostDays - 1);
  return [tenantId, from < earliest ? earliest : from, to, zone, range.deviceId ?? null];
}
