import type { Database } from "../src/index.ts";

export interface Population {
  /** Messages in all; a tenth of them in each of ten jobs, every job half done, two of the jobs paused. */
  readonly messages: number;
  /** Share of the claimed messages that have failed. */
  readonly failedShare: number;
}

const jobs = 10;
const devices = 30;

/**
 * Fills an empty, migrated database as a campaign day leaves it: rows of every state, the counters that belong to them
 * and the history. Rows are written as they are, not by way of the protocol, so that a million takes seconds.
 */
export async function populate(db: Database, population: Population): Promise<void> {
  await fleet(db);
  await messages(db, population);
  await counters(db);
  await history(db);
}

async function fleet(db: Database): Promise<void> {
  await db.pool.query(`
    INSERT INTO tenants (slug, name) SELECT 'tenant-' || n, 'Tenant ' || n FROM generate_series(1, 3) n;
    INSERT INTO workers (id, name, host, pid, version, status, slots, devices, heartbeat_at)
      SELECT gen_random_uuid(), 'worker-' || n, 'host', n, '0', 'busy', 10, 8, now() + interval '1 hour'
      FROM generate_series(1, 4) n;
    INSERT INTO devices (tenant_id, name, kind, phone, wanted, linked, linked_at, state, lease_worker_id, lease_epoch,
        lease_expires_at)
      SELECT 1 + n % 3, 'device-' || n, 'whatsapp_web', (34600000000 + n)::text, true, true, now() - interval '2 days',
        'connected', (SELECT id FROM workers WHERE pid = 1 + n % 4), 1, now() + interval '1 hour'
      FROM generate_series(1, ${devices}) n;
    INSERT INTO browser_context (id, browser_system_id, device_id, worker_id, status, memory_mb)
      SELECT gen_random_uuid(), gen_random_uuid(), id, lease_worker_id, 'busy', 180 FROM devices;
    INSERT INTO send_messages_jobs (id, tenant_id, kind, status, body, created_by, started_at)
      SELECT gen_random_uuid(), 1 + n % 3, 'bulk', CASE WHEN n % 5 = 0 THEN 'paused' ELSE 'running' END::job_status,
        'hello', 'bench', now() - interval '20 hours'
      FROM generate_series(1, ${jobs}) n;
    INSERT INTO lanes (job_id, device_id, class, weight)
      SELECT j.id, d.id, 'bulk', 5 FROM send_messages_jobs j JOIN devices d ON d.tenant_id = j.tenant_id;
  `);
}

/** Of the claimed half: failures as asked for, 1 % wait for a retry, 0.02 % are unknown, as many under way. */
async function messages(db: Database, population: Population): Promise<void> {
  const { messages: total, failedShare } = population;
  await db.pool.query(
    `INSERT INTO messages (id, tenant_id, job_id, seq, phone, variables, state, attempts, device_id, claim_epoch,
       provider_message_id, send_by, settle_until, due_at, error_code, claimed_at, sent_at, delivered_at, read_at, finished_at)
     SELECT gen_random_uuid(), j.tenant_id, j.id, s.seq, (34600000000 + s.n)::text, '{"nombre": "Ana", "pedido": "10-2231"}',
       s.state, CASE WHEN s.state = 'queued' THEN 0 ELSE 1 END, s.device, s.epoch,
       CASE WHEN s.state <> 'queued' THEN '3EB0' || upper(left(md5(s.n::text), 18)) END,
       CASE WHEN s.state IN ('sending', 'unknown') THEN now() + interval '1 minute' END,
       CASE WHEN s.state = 'unknown' THEN now() + interval '9 minutes' END,
       CASE WHEN s.state = 'retrying' THEN now() + (s.n % 600 - 60) * interval '1 second' END,
       CASE s.state WHEN 'failed' THEN (ARRAY['not_on_whatsapp', 'provider_temporary', 'rejected'])[1 + s.n % 3]
         WHEN 'retrying' THEN 'provider_temporary' WHEN 'unknown' THEN 'outcome_unknown' END,
       s.at, CASE WHEN s.state IN ('sent', 'delivered', 'read') THEN s.at END,
       CASE WHEN s.state IN ('delivered', 'read') THEN s.at END, CASE WHEN s.state = 'read' THEN s.at END,
       CASE WHEN s.state IN ('sent', 'delivered', 'read', 'failed') THEN s.at END
     FROM (SELECT id, tenant_id, row_number() OVER (ORDER BY id)::int - 1 AS k FROM send_messages_jobs) j
     JOIN (
       SELECT n.*, CASE WHEN n.state <> 'queued'
           THEN now() - interval '20 hours' + n.n * (interval '20 hours' / ($1::int / 2)) END AS at,
         CASE WHEN n.state <> 'queued' THEN 1 END AS epoch
       FROM (
         SELECT n, n % ${jobs} AS k, 1 + n / ${jobs} AS seq,
           CASE WHEN n >= $1::int / 2 THEN 'queued'
             WHEN n % 10000 < 2 THEN 'sending' WHEN n % 10000 < 4 THEN 'unknown' WHEN n % 10000 < 104 THEN 'retrying'
             WHEN n % 10000 < 104 + 9896 * $2::float THEN 'failed'
             ELSE (ARRAY['sent', 'delivered', 'read'])[1 + n % 3] END::message_state AS state
         FROM generate_series(0, $1::int - 1) n
       ) n
     ) numbered ON numbered.k = j.k
     CROSS JOIN LATERAL (
       SELECT numbered.*, CASE WHEN numbered.state <> 'queued'
         THEN 1 + (j.tenant_id + 1) % 3 + 3 * (numbered.n / ${jobs} % ${devices / 3}) END AS device
     ) s ORDER BY s.n`,
    [total, failedShare],
  );
}

async function counters(db: Database): Promise<void> {
  await db.pool.query(`
    UPDATE send_messages_jobs j SET total = c.total, next_seq = c.total - c.queued, sending = c.sending, sent = c.sent,
      delivered = c.delivered, read = c.read, failed = c.failed, unknown = c.unknown, settling = c.unknown,
      updated_at = clock_timestamp()
    FROM (
      SELECT job_id, count(*)::int AS total, (count(*) FILTER (WHERE state = 'queued'))::int AS queued,
        (count(*) FILTER (WHERE state = 'sending'))::int AS sending,
        (count(*) FILTER (WHERE state IN ('sent', 'delivered', 'read')))::int AS sent,
        (count(*) FILTER (WHERE state IN ('delivered', 'read')))::int AS delivered,
        (count(*) FILTER (WHERE state = 'read'))::int AS read, (count(*) FILTER (WHERE state = 'failed'))::int AS failed,
        (count(*) FILTER (WHERE state = 'unknown'))::int AS unknown
      FROM messages GROUP BY job_id
    ) c WHERE c.job_id = j.id`);
}

/** Three moves of each message that was sent, one of each that failed or waits, in the order of time. */
async function history(db: Database): Promise<void> {
  await db.pool.query(`
    INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code)
    SELECT m.claimed_at + s.n * interval '1 millisecond', m.id, m.job_id, m.tenant_id, m.device_id, s.from_state, s.to_state,
      m.attempts, m.error_code
    FROM messages m
    CROSS JOIN LATERAL (VALUES
      (1, 'sending'::message_state, CASE WHEN m.sent_at IS NULL THEN m.state ELSE 'sent' END),
      (2, 'sent'::message_state, CASE WHEN m.delivered_at IS NOT NULL THEN 'delivered'::message_state END),
      (3, 'delivered'::message_state, CASE WHEN m.read_at IS NOT NULL THEN 'read'::message_state END)
    ) s (n, from_state, to_state)
    WHERE m.claimed_at IS NOT NULL AND m.state <> 'sending' AND s.to_state IS NOT NULL
    ORDER BY m.claimed_at, s.n`);
}

/** As if `messages` had been sent, delivered and read within the last minute: only the history tells. */
export async function addLastMinute(db: Database, messages: number): Promise<void> {
  await db.pool.query(
    `INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt)
     SELECT clock_timestamp() - (1 - n.n / $1::float) * interval '50 seconds', gen_random_uuid(), j.id, d.tenant_id, d.id,
       s.from_state, s.to_state, 1
     FROM generate_series(1, $1::int) n
     JOIN devices d ON d.id = 1 + n.n % ${devices}
     JOIN (SELECT DISTINCT ON (tenant_id) tenant_id, id FROM send_messages_jobs) j ON j.tenant_id = d.tenant_id
     CROSS JOIN (VALUES ('sending'::message_state, 'sent'::message_state), ('sent', 'delivered'), ('delivered', 'read'))
       s (from_state, to_state)
     ORDER BY n.n`,
    [messages],
  );
}
