-- CreateTable
CREATE TABLE "tenant_settings" (
    "tenant_id" INTEGER NOT NULL,
    "max_running_jobs" INTEGER,

    CONSTRAINT "tenant_settings_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "platform_limits" (
    "id" BOOLEAN NOT NULL DEFAULT true,
    "max_running_jobs" INTEGER,
    "max_running_jobs_per_tenant" INTEGER,

    CONSTRAINT "platform_limits_pkey" PRIMARY KEY ("id")
);

-- AlterTable
ALTER TABLE "send_messages_jobs" ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "scraping_jobs" ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false;


-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

ALTER TABLE "tenant_settings" ADD CONSTRAINT "tenant_settings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "tenant_settings" ADD CONSTRAINT "tenant_settings_max_running_jobs_check" CHECK ("max_running_jobs" >= 1);
ALTER TABLE "platform_limits" ADD CONSTRAINT "platform_limits_check" CHECK ("id" AND "max_running_jobs" >= 1 AND "max_running_jobs_per_tenant" >= 1);
INSERT INTO "platform_limits" DEFAULT VALUES;
CREATE INDEX "send_messages_jobs_held_idx" ON "send_messages_jobs" ("tenant_id", "priority") WHERE "held";
CREATE INDEX "scraping_jobs_held_idx" ON "scraping_jobs" ("tenant_id", "priority") WHERE "held";

-- ---------------------------------------------------------------------------------------------------------------------
-- How many jobs run at once, of both kinds together. A job over the limit is `pending` and `held`: all of its lanes are on
-- standby (of a scraping job: it is never ready), so that claims never see it and cost what they always did. However a job comes to `pending` or `running` (made, its time has come,
-- resumed, failed messages retried, an admin in SQL), the trigger holds it where a limit exists, and `admit_jobs` alone
-- lets jobs go, one transaction at a time: so the limit cannot be overrun. Single sends are never held.

-- The limits that a tenant's jobs are under; null: none.
CREATE FUNCTION job_limits(p_tenant int) RETURNS TABLE (overall int, tenant int) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT p.max_running_jobs, coalesce(s.max_running_jobs, p.max_running_jobs_per_tenant)
  FROM platform_limits p LEFT JOIN tenant_settings s ON s.tenant_id = p_tenant
$$;

-- Jobs that count against the limits.
CREATE FUNCTION counted_jobs() RETURNS TABLE (tenant_id int) LANGUAGE sql STABLE AS $$
  SELECT j.tenant_id FROM send_messages_jobs j
  WHERE j.status IN ('pending', 'running') AND NOT j.held AND j.lane_class = 'bulk'
  UNION ALL
  SELECT j.tenant_id FROM scraping_jobs j WHERE j.status IN ('pending', 'running') AND NOT j.held
$$;

-- Why a job of the tenant is held, in figures.
CREATE FUNCTION hold_reason(p_tenant int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'waits for its turn: ' || concat_ws(', ',
    (SELECT count(*) FROM counted_jobs() c WHERE c.tenant_id = p_tenant) || ' of ' || l.tenant || ' jobs of the tenant run',
    (SELECT count(*) FROM counted_jobs() c) || ' of ' || l.overall || ' jobs overall run')
  FROM job_limits(p_tenant) l
$$;

CREATE FUNCTION has_job_limit(p_tenant int) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT num_nonnulls(l.overall, l.tenant) > 0 FROM job_limits(p_tenant) l
$$;

CREATE FUNCTION hold_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.held := NEW.status IN ('pending', 'running') AND has_job_limit(NEW.tenant_id);
  IF NEW.held THEN
    NEW.status := 'pending';
    NEW.status_reason := 'waits for its turn: as many jobs run as may run at once';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER send_messages_jobs_hold_new BEFORE INSERT ON send_messages_jobs
FOR EACH ROW WHEN (NEW.lane_class = 'bulk') EXECUTE FUNCTION hold_job();
CREATE TRIGGER send_messages_jobs_hold BEFORE UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (
  NEW.status IS DISTINCT FROM OLD.status AND NEW.lane_class = 'bulk'
  AND NOT (OLD.status IN ('pending', 'running') AND NEW.status IN ('pending', 'running'))
) EXECUTE FUNCTION hold_job();
CREATE TRIGGER scraping_jobs_hold_new BEFORE INSERT ON scraping_jobs
FOR EACH ROW EXECUTE FUNCTION hold_job();
CREATE TRIGGER scraping_jobs_hold BEFORE UPDATE OF status ON scraping_jobs
FOR EACH ROW WHEN (
  NEW.status IS DISTINCT FROM OLD.status
  AND NOT (OLD.status IN ('pending', 'running') AND NEW.status IN ('pending', 'running'))
) EXECUTE FUNCTION hold_job();

-- Whatever wakes a scraping job (a step that is to be tried again, an operator), while it is held it is not ready.
CREATE FUNCTION keep_scraping_job_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.ready_at := 'infinity';
  RETURN NEW;
END
$$;
CREATE TRIGGER scraping_jobs_keep_held_new BEFORE INSERT ON scraping_jobs
FOR EACH ROW WHEN (NEW.held) EXECUTE FUNCTION keep_scraping_job_held();
CREATE TRIGGER scraping_jobs_keep_held BEFORE UPDATE ON scraping_jobs
FOR EACH ROW WHEN (NEW.held) EXECUTE FUNCTION keep_scraping_job_held();

-- A job that was let go before (and paused since) has active lanes.
CREATE FUNCTION stand_by_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lanes l SET status = 'standby' WHERE l.job_id = NEW.id AND l.status = 'active';
  RETURN NULL;
END
$$;
CREATE TRIGGER send_messages_jobs_stand_by_lanes AFTER UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (NEW.held AND NOT OLD.held) EXECUTE FUNCTION stand_by_lanes();

-- Lanes that were opened long before their job begins would have the least virtual time by far, and the device to
-- themselves: they begin where their device is now. Needs the jobs' row locks. Mutates.
CREATE FUNCTION enter_lanes(p_jobs uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE lanes l SET vtime = d.vtime
  FROM (
    SELECT o.device_id, min(o.vtime) AS vtime FROM lanes o JOIN send_messages_jobs j ON j.id = o.job_id
    WHERE o.device_id IN (SELECT m.device_id FROM lanes m WHERE m.job_id = ANY (p_jobs)) AND o.job_id <> ALL (p_jobs)
      AND o.status = 'active' AND o.ready_at < 'infinity' AND j.status IN ('pending', 'running')
    GROUP BY o.device_id
  ) d
  WHERE l.job_id = ANY (p_jobs) AND l.device_id = d.device_id AND l.vtime < d.vtime
$$;
CREATE FUNCTION begin_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM enter_lanes(ARRAY[NEW.id]);
  RETURN NULL;
END
$$;
CREATE TRIGGER send_messages_jobs_begin_lanes AFTER UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (OLD.status = 'scheduled' AND NEW.status = 'pending') EXECUTE FUNCTION begin_lanes();

-- Lets held jobs go for which there is room: by priority, then age. Callers wait for one another. Mutates, returns the
-- devices that got an active lane.
CREATE FUNCTION admit_jobs() RETURNS TABLE (device_id int) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_jobs uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM send_messages_jobs j WHERE j.held) AND NOT EXISTS (SELECT FROM scraping_jobs j WHERE j.held) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7368122);
  WITH counted AS (
    SELECT c.tenant_id, count(*) AS jobs FROM counted_jobs() c GROUP BY c.tenant_id
  ), held AS (
    SELECT j.id, j.tenant_id, j.priority, j.created_at FROM send_messages_jobs j WHERE j.held
    UNION ALL
    SELECT j.id, j.tenant_id, j.priority, j.created_at FROM scraping_jobs j WHERE j.held
  ), waiting AS (
    SELECT h.*, row_number() OVER (PARTITION BY h.tenant_id ORDER BY h.priority DESC, h.created_at, h.id) AS place FROM held h
  ), chosen AS MATERIALIZED (
    SELECT w.id FROM waiting w
    CROSS JOIN LATERAL job_limits(w.tenant_id) l
    LEFT JOIN counted c ON c.tenant_id = w.tenant_id
    WHERE l.tenant IS NULL OR w.place + coalesce(c.jobs, 0) <= l.tenant
    ORDER BY w.priority DESC, w.created_at, w.id
    LIMIT (SELECT CASE WHEN p.max_running_jobs IS NOT NULL
      THEN greatest(p.max_running_jobs - (SELECT coalesce(sum(c.jobs), 0) FROM counted c), 0) END FROM platform_limits p)
  ), admitted AS (
    UPDATE send_messages_jobs j SET held = false, status_reason = NULL, updated_at = clock_timestamp()
    FROM chosen c WHERE j.id = c.id AND j.held
    RETURNING j.id
  ), admitted_scraping AS (
    UPDATE scraping_jobs j SET
      held = false, ready_at = clock_timestamp(), status_reason = NULL, updated_at = clock_timestamp()
    FROM chosen c WHERE j.id = c.id AND j.held
  )
  SELECT array_agg(a.id) INTO v_jobs FROM admitted a;
  IF v_jobs IS NULL THEN
    RETURN;
  END IF;
  PERFORM enter_lanes(v_jobs);
  RETURN QUERY SELECT b.device_id FROM balance_lanes() b;
END
$$;

-- Which lanes of unfinished jobs may send: at most `devices_limit` a job, devices that can send first, those that are
-- already sending before others so that nothing changes without need. Jobs that somebody has locked are left for the
-- next round, those that are held wait for `admit_jobs`. Mutates, returns the devices that got an active lane.
CREATE OR REPLACE FUNCTION balance_lanes() RETURNS TABLE (device_id int) LANGUAGE sql AS $$
  WITH open_jobs AS MATERIALIZED (
    SELECT j.id, j.devices_limit FROM send_messages_jobs j
    WHERE j.status IN ('pending', 'running') AND NOT j.held
      AND EXISTS (SELECT 1 FROM lanes l WHERE l.job_id = j.id AND l.status = 'standby')
    ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED
  ), ranked AS (
    SELECT l.job_id, l.device_id, l.status, j.devices_limit, row_number() OVER (
      PARTITION BY l.job_id
      ORDER BY (d.deleted_at IS NULL AND d.state = 'connected' AND coalesce(d.aside_until, '-infinity') < clock_timestamp()) DESC,
        l.status = 'active' DESC, l.device_id
    ) AS rank
    FROM lanes l JOIN open_jobs j ON j.id = l.job_id JOIN devices d ON d.id = l.device_id
    WHERE l.status <> 'closed'
  )
  UPDATE lanes l SET status = CASE WHEN r.rank <= r.devices_limit THEN 'active' ELSE 'standby' END::lane_status
  FROM ranked r
  WHERE l.job_id = r.job_id AND l.device_id = r.device_id
    AND l.status <> CASE WHEN r.rank <= r.devices_limit THEN 'active' ELSE 'standby' END::lane_status
  RETURNING l.device_id
$$;

-- Gives a job its lanes: the named devices, or every device of the tenant that is linked or being linked when
-- `p_devices` is null. Each starts at the least virtual time of its device, so that it neither starves nor hogs. All
-- are on standby while the job is held.
CREATE OR REPLACE FUNCTION open_lanes(p_job uuid, p_devices int[]) RETURNS int LANGUAGE sql AS $$
  WITH chosen AS (
    SELECT d.id, j.lane_class, greatest(j.priority, 1) AS weight,
      CASE WHEN j.held THEN 0 ELSE j.devices_limit END AS devices_limit,
      row_number() OVER (ORDER BY (d.state = 'connected') DESC, (SELECT count(*) FROM lanes l JOIN send_messages_jobs b
        ON b.id = l.job_id WHERE l.device_id = d.id AND l.status = 'active' AND b.status IN ('pending', 'running')), d.id) AS rank,
      coalesce((SELECT min(l.vtime) FROM lanes l JOIN send_messages_jobs b ON b.id = l.job_id
        WHERE l.device_id = d.id AND l.status = 'active' AND l.ready_at < 'infinity' AND b.status IN ('pending', 'running')), 0) AS vtime
    FROM send_messages_jobs j JOIN devices d ON d.tenant_id = j.tenant_id
    WHERE j.id = p_job AND d.deleted_at IS NULL
      AND CASE WHEN p_devices IS NULL THEN d.wanted ELSE d.id = ANY (p_devices) END
      AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.job_id = p_job AND l.device_id = d.id)
  ), made AS (
    INSERT INTO lanes (job_id, device_id, class, weight, status, vtime)
    SELECT p_job, c.id, c.lane_class, c.weight,
      CASE WHEN c.rank + (SELECT count(*) FROM lanes l WHERE l.job_id = p_job AND l.status = 'active') <= c.devices_limit
        THEN 'active' ELSE 'standby' END::lane_status, c.vtime
    FROM chosen c
    ON CONFLICT DO NOTHING
    RETURNING 1
  )
  SELECT count(*)::int FROM made
$$;

-- What should move and does not, with the reason in words. A job or device that is not listed moves.
CREATE OR REPLACE FUNCTION stuck() RETURNS TABLE (
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
      j.sending, j.held, job_queued(j) AS queued, job_retrying(j) AS retrying, r.first_at AS due_at,
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
        WHEN j.held THEN hold_reason(j.tenant_id)
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
