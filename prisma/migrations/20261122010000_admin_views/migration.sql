-- Views for people who look at the queue with SQL. What each shows, with samples: docs/admin-sql.md.
--
-- Each answers in less than 100 ms at a million messages (docs/benchmarks.md). So none reads `messages` from end to end:
-- how many wait comes from the counters of the job, open claims and retries come from the small partial indexes. Laterals
-- that aggregate stay laterals: the planner probes an index for each device or job, whatever its statistics say.
-- What is behind the larger ones is a function without `jit`: for a table that was just filled Postgres expects a thousand
-- times the rows that there are, and would compile for a second what then runs for a millisecond. They read as their owner
-- does, like a view, so that a role may be given the views and not the tables.
-- Full phone numbers are in no view. Rows with `device_id` (or `worker_id`) null sum up a tenant (or the fleet).
--
-- A later migration that changes the type of a column used here drops the view first and makes it anew.

-- Indexes. None may name a column that acks or a cancellation change, or those updates are no longer HOT: `claimed_at`
-- moves with a claim only, `due_at`, `send_by` and `error_code` are named by indexes already.
CREATE INDEX "messages_error_codes_idx" ON "messages" ("claimed_at", "job_id", "error_code") INCLUDE ("due_at", "send_by")
WHERE "error_code" IS NOT NULL;
CREATE INDEX "send_messages_jobs_created_at_idx" ON "send_messages_jobs" ("created_at");
CREATE INDEX "send_messages_jobs_scheduled_idx" ON "send_messages_jobs" ("scheduled_at") WHERE "status" = 'scheduled';

-- The newest pages of the history are those that are asked for, and until vacuum has come by a BRIN knows nothing of them
-- and they are all read. `autosummarize` has them noted as soon as the next range is begun.
DROP INDEX "message_events_at_brin";
CREATE INDEX "message_events_at_brin" ON "message_events" USING brin ("at") WITH (autosummarize = on);

-- The same as packages/domain/src/phones/mask.ts (a test holds them together).
CREATE FUNCTION mask_phone(p_phone text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN length(regexp_replace(p_phone, '\D', '', 'g')) < 8 THEN '*****'
    ELSE CASE WHEN ltrim(p_phone) LIKE '+%' THEN '+' ELSE '' END
      || left(regexp_replace(p_phone, '\D', '', 'g'), 2) || '*****' || right(regexp_replace(p_phone, '\D', '', 'g'), 3)
  END
$$;

-- An instant within a sentence.
CREATE FUNCTION say_utc(p_at timestamptz) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
$$;

-- Messages that nobody has claimed yet: those above `next_seq` are queued, all of them.
CREATE FUNCTION job_queued(j send_messages_jobs) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT j.total - j.next_seq
$$;

-- Messages that wait to be tried again: what was claimed and is in no other state.
CREATE FUNCTION job_retrying(j send_messages_jobs) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT j.next_seq - j.sending - j.sent - j.failed - j.cancelled - j.skipped - j.unknown
$$;

-- Claims whose outcome is open, by device, job and state: `sending`, or `unknown` and being settled. One probe of the
-- index of open claims for each device: a lateral that aggregates stays one, whatever the statistics say.
CREATE FUNCTION open_claims() RETURNS TABLE (
  tenant_id int, device_id int, job_id uuid, state message_state, claims int, oldest_at timestamptz,
  settle_until timestamptz
) LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT d.tenant_id, d.id, c.* FROM devices d
  CROSS JOIN LATERAL (
    SELECT m.job_id, m.state, count(*)::int, min(m.claimed_at), max(m.settle_until)
    FROM messages m WHERE m.device_id = d.id AND m.send_by IS NOT NULL GROUP BY m.job_id, m.state
  ) c;
END
$$;

-- Retries of a job: how many are due, counted to 10,000, and when the first is. No row when none waits.
CREATE FUNCTION job_retries(p_job uuid) RETURNS TABLE (due int, first_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 1 SET jit = off AS $$
BEGIN
  SELECT m.due_at INTO first_at FROM messages m WHERE m.job_id = p_job AND m.due_at IS NOT NULL ORDER BY m.due_at LIMIT 1;
  IF FOUND THEN
    SELECT count(*)::int INTO due FROM (
      SELECT FROM messages m WHERE m.job_id = p_job AND m.due_at <= now() LIMIT 10000
    ) r;
    RETURN NEXT;
  END IF;
END
$$;

-- What waits. A device may take any message of the jobs it has an active lane in, so messages of a job are counted on each
-- of its devices: rows of devices do not add up, the row of the tenant is exact.
-- `due_retries` counts to 10,000 per job.
CREATE FUNCTION queue_depth() RETURNS TABLE (
  tenant_id int, tenant text, device_id int, device text, queued bigint, retrying bigint, due_retries bigint, paused bigint,
  in_flight bigint, settling bigint, oldest_at timestamptz, oldest_waits interval
) LANGUAGE sql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
  WITH job AS MATERIALIZED (
    SELECT j.id, j.tenant_id, j.status = 'paused' AS paused, job_queued(j) AS queued, job_retrying(j) AS retrying,
      coalesce(r.due, 0) AS due, CASE WHEN j.status = 'paused' THEN NULL
        WHEN job_queued(j) > 0 THEN coalesce(j.scheduled_at, j.created_at) WHEN r.due > 0 THEN r.first_at END AS oldest_at
    FROM send_messages_jobs j
    LEFT JOIN LATERAL (SELECT * FROM job_retries(j.id) WHERE job_retrying(j) > 0) r ON true
    WHERE j.status IN ('pending', 'running', 'paused')
  ), waiting AS (
    SELECT j.tenant_id, NULL::int AS device_id, j.paused, j.queued, j.retrying, j.due, j.oldest_at FROM job j
    UNION ALL
    SELECT j.tenant_id, l.device_id, j.paused, j.queued, j.retrying, j.due, j.oldest_at
    FROM job j JOIN lanes l ON l.job_id = j.id AND l.status = 'active'
  ), depth AS (
    SELECT w.tenant_id, w.device_id, sum(w.queued) FILTER (WHERE NOT w.paused) AS queued,
      sum(w.queued + w.retrying) FILTER (WHERE w.paused) AS paused, sum(w.retrying) FILTER (WHERE NOT w.paused) AS retrying,
      sum(w.due) FILTER (WHERE NOT w.paused) AS due_retries, min(w.oldest_at) AS oldest_at
    FROM waiting w GROUP BY w.tenant_id, w.device_id
  ), flight AS (
    SELECT c.tenant_id, c.device_id, sum(c.claims) FILTER (WHERE c.state = 'sending') AS in_flight,
      sum(c.claims) FILTER (WHERE c.state = 'unknown') AS settling
    FROM open_claims() c GROUP BY GROUPING SETS ((c.tenant_id), (c.tenant_id, c.device_id))
  ), place AS (
    SELECT t.id AS tenant_id, t.slug, NULL::int AS device_id, NULL::text AS name FROM tenants t
    UNION ALL
    SELECT t.id, t.slug, d.id, d.name FROM devices d JOIN tenants t ON t.id = d.tenant_id WHERE d.deleted_at IS NULL
  )
  SELECT p.tenant_id, p.slug AS tenant, p.device_id, p.name AS device, coalesce(w.queued, 0)::bigint AS queued,
    coalesce(w.retrying, 0)::bigint AS retrying, coalesce(w.due_retries, 0)::bigint AS due_retries,
    coalesce(w.paused, 0)::bigint AS paused, coalesce(f.in_flight, 0)::bigint AS in_flight,
    coalesce(f.settling, 0)::bigint AS settling, w.oldest_at, date_trunc('second', now() - w.oldest_at) AS oldest_waits
  FROM place p
  LEFT JOIN depth w ON w.tenant_id = p.tenant_id AND w.device_id IS NOT DISTINCT FROM p.device_id
  LEFT JOIN flight f ON f.tenant_id = p.tenant_id AND f.device_id IS NOT DISTINCT FROM p.device_id
$$;
CREATE VIEW v_queue_depth AS SELECT * FROM queue_depth();

-- Moves of the last minute, counted. The newest rows are beyond what statistics know of, so the planner expects hardly any
-- and would sort them, three times slower than counting into a hash table.
CREATE FUNCTION recent_moves() RETURNS TABLE (
  tenant_id int, device_id int, from_state message_state, to_state message_state, moves bigint
) LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp SET jit = off
SET enable_sort = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT e.tenant_id, e.device_id, e.from_state, e.to_state, count(*) FROM message_events e
  WHERE e.at > now() - interval '1 minute' GROUP BY e.tenant_id, e.device_id, e.from_state, e.to_state;
END
$$;

-- What happened in the last minute, from the history. `sent` counts messages that the provider took, each once.
CREATE VIEW v_throughput_1m AS
SELECT r.tenant_id, t.slug AS tenant, r.device_id, d.name AS device, r.sent, r.delivered, r.read, r.failed, r.retried,
  r.unknown, round(r.sent / 60.0, 1) AS sent_per_second
FROM (
  SELECT m.tenant_id, m.device_id,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state IN ('sent', 'delivered', 'read')
      AND m.from_state NOT IN ('sent', 'delivered', 'read')), 0)::bigint AS sent,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state IN ('delivered', 'read') AND m.from_state <> 'delivered'), 0)::bigint
      AS delivered,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state = 'read'), 0)::bigint AS read,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state = 'failed'), 0)::bigint AS failed,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state = 'retrying'), 0)::bigint AS retried,
    coalesce(sum(m.moves) FILTER (WHERE m.to_state = 'unknown'), 0)::bigint AS unknown
  FROM recent_moves() m
  GROUP BY GROUPING SETS ((m.tenant_id), (m.tenant_id, m.device_id))
  HAVING grouping(m.device_id) = 1 OR m.device_id IS NOT NULL
) r
JOIN tenants t ON t.id = r.tenant_id
LEFT JOIN devices d ON d.id = r.device_id;

-- How far each job is. `per_minute` is the mean since it started, pauses included, and `done_at` what follows from it.
CREATE VIEW v_job_progress AS
SELECT j.tenant_id, t.slug AS tenant, j.id AS job_id, coalesce(c.name, j.kind::text) AS job, j.kind, j.status,
  j.status_reason, j.total, job_queued(j) AS queued, job_retrying(j) AS retrying, j.sending, j.sent, j.delivered, j.read,
  j.failed, j.cancelled, j.skipped, j.unknown, j.settling,
  CASE WHEN j.total = 0 THEN 100.0 ELSE trunc(100.0 * job_finished(j) / j.total, 1) END AS percentage,
  round(p.per_minute, 1) AS per_minute,
  CASE WHEN j.status = 'running' AND p.per_minute > 0
    THEN date_trunc('second', now() + (j.total - job_finished(j)) / p.per_minute * interval '1 minute') END AS done_at,
  j.created_by, j.created_at, j.scheduled_at, j.started_at, j.completed_at, j.updated_at
FROM send_messages_jobs j
JOIN tenants t ON t.id = j.tenant_id
LEFT JOIN campaigns c ON c.id = j.campaign_id
CROSS JOIN LATERAL (
  SELECT (j.sent + j.failed)
    / nullif(extract(epoch FROM coalesce(j.completed_at, now()) - j.started_at) / 60, 0) AS per_minute
) p;

-- Why messages that were claimed in the last 24 hours have an error now: `ended` will not be tried again.
CREATE VIEW v_error_breakdown AS
SELECT j.tenant_id, t.slug AS tenant, e.job_id, coalesce(c.name, j.kind::text) AS job, e.error_code, e.messages,
  e.ended, e.waiting_retry, e.settling, round(100.0 * e.messages / nullif(j.total, 0), 1) AS percent_of_job, e.first_at,
  e.last_at
FROM (
  SELECT m.job_id, m.error_code, count(*) AS messages,
    count(*) FILTER (WHERE m.due_at IS NULL AND m.send_by IS NULL) AS ended,
    count(*) FILTER (WHERE m.due_at IS NOT NULL) AS waiting_retry,
    count(*) FILTER (WHERE m.send_by IS NOT NULL) AS settling,
    min(m.claimed_at) AS first_at, max(m.claimed_at) AS last_at
  FROM messages m WHERE m.error_code IS NOT NULL AND m.claimed_at > now() - interval '24 hours'
  GROUP BY m.job_id, m.error_code
) e
JOIN send_messages_jobs j ON j.id = e.job_id
JOIN tenants t ON t.id = j.tenant_id
LEFT JOIN campaigns c ON c.id = j.campaign_id;

-- How full the workers are.
CREATE VIEW v_context_utilisation AS
WITH worker AS (
  SELECT w.id, w.name, w.host, w.status, w.slots, w.devices, w.memory_mb, w.heartbeat_at, c.*
  FROM workers w
  CROSS JOIN LATERAL (
    SELECT count(*) AS open, count(*) FILTER (WHERE b.status = 'available') AS available,
      count(*) FILTER (WHERE b.status = 'busy') AS busy, count(*) FILTER (WHERE b.status = 'disconnected') AS disconnected,
      count(*) FILTER (WHERE b.status = 'error') AS error, sum(b.memory_mb) AS contexts_memory_mb, sum(b.sends) AS sends,
      min(b.created_at) AS oldest_context_at
    FROM browser_context b WHERE b.worker_id = w.id AND b.status <> 'closed'
  ) c
  WHERE w.status NOT IN ('stopped', 'lost')
)
SELECT w.id AS worker_id, w.name AS worker, w.host, w.status, sum(w.slots) AS slots, sum(w.devices) AS devices,
  sum(w.open) AS contexts, sum(w.available) AS available, sum(w.busy) AS busy, sum(w.disconnected) AS disconnected,
  sum(w.error) AS error, round(100.0 * sum(w.open) / nullif(sum(w.slots), 0), 1) AS percent_of_slots,
  round(100.0 * sum(w.busy) / nullif(sum(w.open), 0), 1) AS percent_busy, sum(w.memory_mb) AS worker_memory_mb,
  sum(w.contexts_memory_mb) AS contexts_memory_mb, sum(w.sends) AS sends, min(w.oldest_context_at) AS oldest_context_at,
  date_trunc('second', now() - min(w.heartbeat_at)) AS silent_for
FROM worker w
GROUP BY GROUPING SETS ((), (w.id, w.name, w.host, w.status));

-- One line per device: can it send, and if not, why.
CREATE VIEW v_device_health AS
SELECT d.tenant_id, t.slug AS tenant, d.id AS device_id, d.name AS device, d.kind, mask_phone(d.phone) AS phone,
  CASE
    WHEN NOT d.wanted THEN CASE WHEN d.linked THEN 'closed' ELSE 'not linked' END
    WHEN w.id IS NULL THEN 'no worker'
    WHEN d.state <> 'connected' THEN d.state::text
    WHEN d.aside_until > now() THEN 'put aside'
    WHEN c.oldest_at < now() - interval '2 minutes' THEN 'no outcomes'
    ELSE 'ok'
  END AS health,
  d.state, d.state_reason, d.state_changed_at, d.linked, d.wanted, w.name AS worker, d.lease_epoch, d.lease_expires_at,
  b.status AS context, b.error AS context_error, CASE WHEN d.aside_until > now() THEN d.aside_until END AS aside_until,
  CASE WHEN d.aside_until > now() THEN d.aside_reason END AS aside_reason, d.next_send_at,
  coalesce(c.in_flight, 0)::int AS in_flight, coalesce(c.settling, 0)::int AS settling, c.oldest_at AS oldest_in_flight_at,
  coalesce(m.sent, 0) AS sent_1m, coalesce(m.failed, 0) AS failed_1m
FROM devices d
JOIN tenants t ON t.id = d.tenant_id
LEFT JOIN workers w ON w.id = d.lease_worker_id AND d.lease_expires_at > now()
LEFT JOIN LATERAL (
  SELECT b.status, b.error FROM browser_context b WHERE b.device_id = d.id AND b.status <> 'closed'
  ORDER BY b.created_at DESC LIMIT 1
) b ON true
LEFT JOIN (
  SELECT o.device_id, sum(o.claims) FILTER (WHERE o.state = 'sending') AS in_flight,
    sum(o.claims) FILTER (WHERE o.state = 'unknown') AS settling,
    min(o.oldest_at) FILTER (WHERE o.state = 'sending') AS oldest_at
  FROM open_claims() o GROUP BY o.device_id
) c ON c.device_id = d.id
LEFT JOIN v_throughput_1m m ON m.tenant_id = d.tenant_id AND m.device_id = d.id
WHERE d.deleted_at IS NULL;

-- Why a connected device may not take campaign messages now, or null.
CREATE FUNCTION device_rest(d devices) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN d.next_send_at > now() THEN format('paced until %s', say_utc(d.next_send_at)) END
$$;

-- What should move and does not, with the reason in words. A job or device that is not listed moves.
CREATE FUNCTION stuck() RETURNS TABLE (
  what text, tenant_id int, tenant text, job_id uuid, job text, device_id int, device text, waiting int, since timestamptz,
  reason text
) LANGUAGE sql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
  WITH fleet AS MATERIALIZED (
    SELECT count(*) AS workers, coalesce(sum(w.slots), 0) AS slots FROM workers w
    WHERE w.status IN ('available', 'busy', 'error') AND w.heartbeat_at > now() - interval '30 seconds'
  ), claim AS MATERIALIZED (
    SELECT c.* FROM open_claims() c
  ), device AS MATERIALIZED (
    SELECT d.id, d.tenant_id, d.name, d.kind, d.wanted, d.state, d.state_reason, d.state_changed_at, d.aside_reason,
      CASE WHEN d.aside_until > now() THEN d.aside_until END AS aside_until, device_rest(d) AS rest,
      d.lease_worker_id IS NOT NULL AND d.lease_expires_at > now() AS held
    FROM devices d WHERE d.deleted_at IS NULL
  ), browsers AS MATERIALIZED (
    SELECT count(*) AS taken FROM device d WHERE d.kind = 'whatsapp_web' AND d.held
  ), device_verdict AS (
    SELECT d.*, CASE
        WHEN d.aside_until IS NOT NULL
          THEN format('put aside until %s: %s', say_utc(d.aside_until), coalesce(d.aside_reason, 'no reason given'))
        WHEN NOT d.held AND f.workers = 0 THEN 'no worker is alive'
        WHEN NOT d.held AND d.kind = 'whatsapp_web' AND b.taken >= f.slots
          THEN format('wanted, but no worker has room: %s of %s slots are taken', b.taken, f.slots)
        WHEN NOT d.held THEN 'wanted, and no worker has taken it yet'
        WHEN d.state = 'qr' THEN 'waits for its code to be scanned'
        WHEN d.state = 'error' THEN 'error' || coalesce(': ' || d.state_reason, '')
        WHEN d.state <> 'connected' AND d.state_changed_at < now() - interval '1 minute'
          THEN d.state || coalesce(': ' || d.state_reason, '')
        WHEN c.oldest_at < now() - interval '2 minutes'
          THEN format('%s sends under way without an outcome since %s', c.claims, say_utc(c.oldest_at))
      END AS reason
    FROM device d
    CROSS JOIN fleet f
    CROSS JOIN browsers b
    LEFT JOIN (
      SELECT c.device_id, sum(c.claims) AS claims, min(c.oldest_at) AS oldest_at FROM claim c
      WHERE c.state = 'sending' GROUP BY c.device_id
    ) c ON c.device_id = d.id
    WHERE d.wanted
  ), job AS MATERIALIZED (
    SELECT j.id, j.tenant_id, j.campaign_id, j.kind, j.status, j.status_reason, j.updated_at, j.scheduled_at, j.settling,
      j.sending, job_queued(j) AS queued, job_retrying(j) AS retrying, r.first_at AS due_at,
      job_queued(j) > 0 OR coalesce(r.due > 0, false) AS has_work
    FROM send_messages_jobs j
    LEFT JOIN LATERAL (SELECT * FROM job_retries(j.id) WHERE job_retrying(j) > 0) r ON true
    WHERE j.status IN ('pending', 'running', 'paused')
      OR (j.status = 'scheduled' AND j.scheduled_at < now() - interval '10 seconds')
      OR (j.cancelling AND j.status = 'cancelled')
  ), lane AS (
    SELECT l.job_id, count(d.id) AS devices,
      count(*) FILTER (WHERE d.held AND d.state = 'connected') AS connected,
      count(*) FILTER (WHERE d.held AND d.state = 'connected' AND d.aside_until IS NULL) AS usable,
      count(*) FILTER (WHERE NOT d.wanted) AS closed,
      count(*) FILTER (WHERE d.wanted AND NOT d.held) AS homeless,
      count(*) FILTER (WHERE d.wanted AND d.held AND d.state = 'qr') AS unlinked,
      count(*) FILTER (WHERE d.wanted AND d.held AND d.state = 'error') AS broken,
      count(*) FILTER (WHERE d.wanted AND d.held AND d.state IN ('disconnected', 'connecting')) AS away,
      string_agg(DISTINCT coalesce(d.aside_reason, 'no reason given'), ', ')
        FILTER (WHERE d.aside_until IS NOT NULL) AS why_aside,
      min(d.aside_until) AS aside_until,
      count(*) FILTER (WHERE d.held AND d.state = 'connected' AND d.aside_until IS NULL AND d.rest IS NULL) AS awake,
      string_agg(DISTINCT d.rest, ', ')
        FILTER (WHERE d.held AND d.state = 'connected' AND d.aside_until IS NULL) AS why_rest,
      min(l.ready_at)
        FILTER (WHERE l.status = 'active' AND d.held AND d.state = 'connected' AND d.aside_until IS NULL) AS ready_at
    FROM job j
    JOIN lanes l ON l.job_id = j.id AND l.status <> 'closed'
    JOIN device d ON d.id = l.device_id
    GROUP BY l.job_id
  ), job_claim AS (
    SELECT c.job_id, min(c.oldest_at) FILTER (WHERE c.state = 'sending') AS oldest_at, max(c.settle_until) AS settle_until
    FROM claim c GROUP BY c.job_id
  ), job_verdict AS (
    SELECT j.*, CASE
        WHEN j.status = 'paused' THEN CASE WHEN j.status_reason LIKE 'paused%' THEN j.status_reason
          ELSE 'paused' || coalesce(': ' || j.status_reason, '') END
        WHEN f.workers = 0 THEN 'no worker is alive'
        WHEN j.status = 'scheduled' THEN format('was to start at %s and nobody has started it', say_utc(j.scheduled_at))
        WHEN j.status = 'cancelled' THEN CASE WHEN j.updated_at < now() - interval '1 minute'
          THEN 'cancelled, and its messages have not followed' END
        ELSE nullif(concat_ws('; ',
          CASE WHEN coalesce(l.usable, 0) > 0 OR NOT (j.has_work OR j.retrying > 0 OR j.settling > 0) THEN NULL
            WHEN coalesce(l.devices, 0) = 0 THEN 'no device may send for it: none is linked, or those it named are deleted'
            WHEN l.connected > 0 THEN format('every connected device is put aside, the first until %s: %s',
              say_utc(l.aside_until), l.why_aside)
            ELSE 'no connected device: ' || concat_ws(', ',
              nullif(l.homeless, 0) || ' without a worker', nullif(l.unlinked, 0) || ' waiting for the code to be scanned',
              nullif(l.broken, 0) || ' in error', nullif(l.away, 0) || ' disconnected', nullif(l.closed, 0) || ' closed')
          END,
          CASE WHEN NOT j.has_work AND j.retrying > 0 AND j.sending = 0
            THEN format('%s waiting for retry until %s', j.retrying, say_utc(j.due_at)) END,
          CASE WHEN NOT j.has_work AND j.settling > 0
            THEN format('%s unknown being settled, until %s at the latest', j.settling, say_utc(c.settle_until)) END,
          CASE WHEN c.oldest_at < now() - interval '2 minutes'
            THEN format('sends under way without an outcome since %s', say_utc(c.oldest_at)) END,
          CASE WHEN j.has_work AND l.usable > 0 AND l.awake = 0 THEN 'its connected devices rest: ' || l.why_rest END,
          CASE WHEN j.has_work AND l.awake > 0 AND j.sending = 0 AND j.updated_at < now() - interval '1 minute' THEN
            CASE WHEN l.ready_at = 'infinity' OR l.ready_at IS NULL THEN 'its lanes sleep though it has work'
              WHEN l.ready_at > now() THEN format('waits for its pace until %s', say_utc(l.ready_at))
              ELSE 'a connected device could take its messages and does not' END
          END), '')
      END AS reason
    FROM job j
    CROSS JOIN fleet f
    LEFT JOIN lane l ON l.job_id = j.id
    LEFT JOIN job_claim c ON c.job_id = j.id
  )
  SELECT 'job' AS what, j.tenant_id, t.slug AS tenant, j.id AS job_id, coalesce(c.name, j.kind::text) AS job,
    NULL::int AS device_id, NULL::text AS device, j.queued + j.retrying + j.settling AS waiting, j.updated_at AS since,
    j.reason
  FROM job_verdict j
  JOIN tenants t ON t.id = j.tenant_id
  LEFT JOIN campaigns c ON c.id = j.campaign_id
  WHERE j.reason IS NOT NULL
  UNION ALL
  SELECT 'device', d.tenant_id, t.slug, NULL, NULL, d.id, d.name, NULL, d.state_changed_at, d.reason
  FROM device_verdict d JOIN tenants t ON t.id = d.tenant_id
  WHERE d.reason IS NOT NULL
$$;
CREATE VIEW v_stuck AS SELECT * FROM stuck();

-- Whoever is given the views is given these as well (docs/admin-sql.md).
REVOKE EXECUTE ON FUNCTION open_claims(), recent_moves(), queue_depth(), stuck() FROM PUBLIC;
