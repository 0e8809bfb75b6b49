-- CreateEnum
CREATE TYPE "webhook_delivery_status" AS ENUM ('pending', 'sending', 'delivered', 'failed');

-- CreateTable
CREATE TABLE "webhook_endpoints" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "event_types" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_reason" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "secret" BYTEA NOT NULL,
    "secret_key_id" TEXT NOT NULL,
    "old_secret" BYTEA,
    "old_secret_key_id" TEXT,
    "old_secret_until" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "rests_until" TIMESTAMPTZ(3),
    "last_success_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "event_type" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "data" JSONB NOT NULL,
    "status" "webhook_delivery_status" NOT NULL DEFAULT 'pending',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "worker_id" UUID,
    "last_attempt_at" TIMESTAMPTZ(3),
    "response_status" INTEGER,
    "response_excerpt" TEXT,
    "error" TEXT,
    "duration_ms" INTEGER,
    "tries" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "webhook_endpoints_tenant_id_idx" ON "webhook_endpoints"("tenant_id");

-- CreateIndex
CREATE INDEX "webhook_deliveries_endpoint_id_id_idx" ON "webhook_deliveries"("endpoint_id", "id");


-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_tenant_id_fkey"
  FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT;
-- No foreign key from deliveries to endpoints: each event would pay for the check, and deleting an endpoint would wait for
-- a million rows to go. Housekeeping takes what has no endpoint any more.
ALTER TABLE "webhook_endpoints" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 50);
ALTER TABLE "webhook_deliveries" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- What is owed, by endpoint: the claim walks from endpoint to endpoint in it, whatever the backlog of each.
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries" ("endpoint_id", "next_attempt_at", "id")
  WHERE "status" IN ('pending', 'sending');
CREATE INDEX "webhook_deliveries_sending_idx" ON "webhook_deliveries" ("endpoint_id") WHERE "status" = 'sending';
CREATE INDEX "webhook_deliveries_failed_idx" ON "webhook_deliveries" ("endpoint_id", "id") WHERE "status" = 'failed';

-- ---------------------------------------------------------------------------------------------------------------------
-- Events. A delivery is a row written in the transaction of the change that it tells about, by triggers, so that no event
-- is lost or invented whoever makes the change; and only for endpoints that want it, so that others pay a look-up.

-- Whether anybody wants to hear of it: for callers whose data is not free to put together.
CREATE FUNCTION webhook_wanted(p_tenant int, p_type text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM webhook_endpoints e
    WHERE e.tenant_id = p_tenant AND e.enabled AND e.event_types && ARRAY[p_type, '*'])
$$;

-- Something has happened to a tenant. Returns the id of the event, or null when nobody wants to hear of it. Mutates.
CREATE FUNCTION emit_webhook_event(p_tenant int, p_type text, p_at timestamptz, p_data jsonb) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid := gen_random_uuid();
BEGIN
  INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, event_type, occurred_at, data)
  SELECT p_tenant, e.id, v_id, p_type, p_at, p_data FROM webhook_endpoints e
  WHERE e.tenant_id = p_tenant AND e.enabled AND e.event_types && ARRAY[p_type, '*'];
  RETURN CASE WHEN FOUND THEN v_id END;
END
$$;

-- As JSON has instants everywhere in the API.
CREATE FUNCTION iso_utc(p_at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Messages that moved, a whole batch of outcomes at once.
CREATE FUNCTION note_message_events() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_tenants int[];
BEGIN
  -- The dispatch path: a tenant without endpoints pays for these two lines alone.
  v_tenants := ARRAY(SELECT DISTINCT n.tenant_id FROM new_events n);
  IF NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.tenant_id = ANY (v_tenants) AND e.enabled) THEN
    RETURN NULL;
  END IF;
  WITH events AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, n.id AS seq, n.tenant_id, 'message.' || n.to_state AS type, n.at,
      jsonb_build_object(
        'message_id', n.message_id, 'job_id', n.job_id, 'campaign_id', j.campaign_id, 'device_id', n.device_id,
        'phone', m.phone, 'state', n.to_state, 'attempt', n.attempt, 'provider_message_id', m.provider_message_id,
        'error_code', n.error_code, 'at', iso_utc(n.at)) AS data
    FROM new_events n JOIN messages m ON m.id = n.message_id JOIN send_messages_jobs j ON j.id = n.job_id
    WHERE n.to_state IN ('sent', 'delivered', 'read', 'failed', 'cancelled', 'skipped', 'unknown')
      AND webhook_wanted(n.tenant_id, 'message.' || n.to_state)
  )
  INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, event_type, occurred_at, data)
  SELECT v.tenant_id, e.id, v.id, v.type, v.at, v.data
  FROM events v JOIN webhook_endpoints e ON e.tenant_id = v.tenant_id AND e.enabled AND e.event_types && ARRAY[v.type, '*']
  ORDER BY v.seq;
  RETURN NULL;
END
$$;
CREATE TRIGGER message_events_webhooks AFTER INSERT ON message_events
REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION note_message_events();

CREATE FUNCTION webhook_job_data(j send_messages_jobs) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'job_id', j.id, 'campaign_id', j.campaign_id, 'kind', j.kind, 'status', j.status, 'status_reason', j.status_reason,
    'total', j.total, 'sent', j.sent, 'delivered', j.delivered, 'read', j.read, 'failed', j.failed,
    'cancelled', j.cancelled, 'skipped', j.skipped, 'unknown', j.unknown, 'created_by', j.created_by,
    'created_at', iso_utc(j.created_at), 'scheduled_at', iso_utc(j.scheduled_at), 'started_at', iso_utc(j.started_at),
    'completed_at', iso_utc(j.completed_at))
$$;

-- Answers in conversations are jobs of one message too: nobody wants to hear of those jobs, their messages tell it all.
CREATE FUNCTION note_job_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_type text;
BEGIN
  IF to_jsonb(NEW) ->> 'conversation_id' IS NOT NULL THEN
    RETURN NULL;
  END IF;
  v_type := CASE
    WHEN TG_OP = 'INSERT' THEN 'job.created'
    WHEN NEW.status = 'running' AND OLD.status = 'paused' THEN 'job.resumed'
    WHEN NEW.status = 'running' AND OLD.status IN ('completed', 'failed') THEN 'job.resumed'
    WHEN NEW.status = 'running' THEN 'job.started'
    WHEN NEW.status IN ('completed', 'failed', 'paused', 'cancelled') THEN 'job.' || NEW.status
    WHEN NEW.status = 'pending' AND OLD.status = 'paused' THEN 'job.resumed'
  END;
  IF v_type IS NOT NULL AND webhook_wanted(NEW.tenant_id, v_type) THEN
    PERFORM emit_webhook_event(NEW.tenant_id, v_type, clock_timestamp(), webhook_job_data(NEW));
  END IF;
  RETURN NULL;
END
$$;
-- At the end of the transaction: the end of a job is told after that of its last message.
CREATE CONSTRAINT TRIGGER send_messages_jobs_webhooks_made AFTER INSERT ON send_messages_jobs
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_job_change();
-- Every claim and every batch of outcomes updates the job's row: the condition keeps them from calling anything.
CREATE CONSTRAINT TRIGGER send_messages_jobs_webhooks AFTER UPDATE OF status ON send_messages_jobs
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION note_job_change();

CREATE FUNCTION note_device_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF webhook_wanted(NEW.tenant_id, 'device.state_changed') THEN
    PERFORM emit_webhook_event(NEW.tenant_id, 'device.state_changed', clock_timestamp(), jsonb_build_object(
      'device_id', NEW.id, 'name', NEW.name, 'kind', NEW.kind, 'phone', NEW.phone, 'previous_state', OLD.state,
      'state', NEW.state, 'reason', NEW.state_reason, 'at', iso_utc(NEW.state_changed_at)));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER devices_webhooks AFTER UPDATE OF state ON devices
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION note_device_state();

-- At the end of the transaction: by then the message has its conversation and its media.
CREATE FUNCTION note_inbound_message() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_row jsonb;
BEGIN
  IF NOT webhook_wanted(NEW.tenant_id, 'message.received') THEN
    RETURN NULL;
  END IF;
  SELECT to_jsonb(i) INTO v_row FROM inbound_messages i WHERE i.id = NEW.id;
  -- What was typed on the device's own phone has not been received.
  IF v_row IS NOT NULL AND NOT coalesce((v_row ->> 'from_me')::boolean, false) THEN
    PERFORM emit_webhook_event(NEW.tenant_id, 'message.received', NEW.created_at, jsonb_build_object(
      'message_id', NEW.id, 'conversation_id', v_row -> 'conversation_id', 'device_id', NEW.device_id,
      'provider_message_id', NEW.provider_message_id, 'phone', v_row ->> 'phone', 'type', NEW.type, 'text', NEW.text,
      'media_id', v_row -> 'media_id', 'at', iso_utc(NEW.at)));
  END IF;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER inbound_messages_webhooks AFTER INSERT ON inbound_messages
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_inbound_message();

-- ---------------------------------------------------------------------------------------------------------------------
-- Delivering.

-- Hands out deliveries that are due, at most `p_per_endpoint` under way at once for each endpoint over all workers, so that
-- one that is slow holds nobody up; one that fails gets one at a time. The endpoint that has waited longest goes first.
-- Whoever has a delivery and does not report within `p_lease_ms` counts as lost, and it is handed out again. Mutates.
CREATE FUNCTION claim_webhook_deliveries(p_worker uuid, p_limit int, p_per_endpoint int, p_lease_ms int) RETURNS TABLE (
  id bigint, endpoint_id uuid, tenant_id int, event_id uuid, event_type text, occurred_at timestamptz, data jsonb,
  attempt smallint, url text, secret bytea, secret_key_id text, old_secret bytea, old_secret_key_id text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_candidate uuid;
  v_endpoint webhook_endpoints;
  v_left int := p_limit;
  v_room int;
  v_taken int;
BEGIN
  FOR v_candidate IN
    WITH RECURSIVE owed AS (
      (SELECT d.endpoint_id, d.next_attempt_at FROM webhook_deliveries d WHERE d.status IN ('pending', 'sending')
       ORDER BY d.endpoint_id, d.next_attempt_at LIMIT 1)
      UNION ALL
      SELECT n.endpoint_id, n.next_attempt_at FROM owed o CROSS JOIN LATERAL (
        SELECT d.endpoint_id, d.next_attempt_at FROM webhook_deliveries d
        WHERE d.status IN ('pending', 'sending') AND d.endpoint_id > o.endpoint_id
        ORDER BY d.endpoint_id, d.next_attempt_at LIMIT 1
      ) n
    )
    SELECT o.endpoint_id FROM owed o JOIN webhook_endpoints e ON e.id = o.endpoint_id
    WHERE o.next_attempt_at <= clock_timestamp() AND e.enabled
      AND coalesce(e.rests_until, '-infinity') <= clock_timestamp()
    ORDER BY o.next_attempt_at
  LOOP
    EXIT WHEN v_left <= 0;
    -- Two workers that look at one endpoint would each find all its places free. Nobody waits here: the other one is at it.
    SELECT * INTO v_endpoint FROM webhook_endpoints e
    WHERE e.id = v_candidate AND e.enabled AND coalesce(e.rests_until, '-infinity') <= clock_timestamp()
    FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    v_room := CASE WHEN v_endpoint.failures > 0 THEN 1 ELSE p_per_endpoint END - (
      SELECT count(*) FROM webhook_deliveries d
      WHERE d.endpoint_id = v_candidate AND d.status = 'sending' AND d.next_attempt_at > clock_timestamp());
    CONTINUE WHEN v_room <= 0;
    RETURN QUERY
    WITH due AS MATERIALIZED (
      SELECT d.id FROM webhook_deliveries d
      WHERE d.endpoint_id = v_candidate AND d.status IN ('pending', 'sending') AND d.next_attempt_at <= clock_timestamp()
      ORDER BY d.next_attempt_at, d.id LIMIT least(v_room, v_left) FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE webhook_deliveries d SET
        status = 'sending', attempts = d.attempts + 1, worker_id = p_worker,
        next_attempt_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
      FROM due WHERE d.id = due.id
      RETURNING d.id, d.endpoint_id, d.tenant_id, d.event_id, d.event_type, d.occurred_at, d.data, d.attempts
    )
    SELECT t.*, v_endpoint.url, v_endpoint.secret, v_endpoint.secret_key_id,
      CASE WHEN v_endpoint.old_secret_until > clock_timestamp() THEN v_endpoint.old_secret END,
      CASE WHEN v_endpoint.old_secret_until > clock_timestamp() THEN v_endpoint.old_secret_key_id END
    FROM taken t ORDER BY t.id;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    v_left := v_left - v_taken;
  END LOOP;
END
$$;

-- What became of tries. A report of somebody who counts as lost by now changes nothing: the delivery is in other hands.
-- An endpoint rests for up to a minute when it fails again and again, and is disabled when it says that it is gone (410), or
-- has failed `p_disable_failures` times in a row and for `p_disable_ms`. Mutates, returns endpoints that it disabled.
--
-- p_outcomes  delivered | retry | failed | gone
-- p_delays    of `retry`: ms until the next try
-- p_rests     ms that the endpoint asked to be left alone for (Retry-After), or null
CREATE FUNCTION record_webhook_results(
  p_worker uuid, p_ids bigint[], p_attempts int[], p_outcomes text[], p_delays int[], p_rests int[], p_statuses int[],
  p_errors text[], p_excerpts text[], p_durations int[], p_disable_failures int, p_disable_ms bigint
) RETURNS TABLE (endpoint_id uuid, tenant_id int, reason text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_batch record;
  v_endpoint webhook_endpoints;
  v_reason text;
BEGIN
  FOR v_batch IN
    WITH given AS (
      SELECT * FROM unnest(p_ids, p_attempts, p_outcomes, p_delays, p_rests, p_statuses, p_errors, p_excerpts, p_durations)
        AS g (id, attempt, outcome, delay_ms, rest_ms, status, error, excerpt, duration_ms)
    ), moved AS (
      UPDATE webhook_deliveries d SET
        status = CASE g.outcome WHEN 'delivered' THEN 'delivered' WHEN 'retry' THEN 'pending' ELSE 'failed' END::webhook_delivery_status,
        next_attempt_at = CASE g.outcome WHEN 'retry'
          THEN clock_timestamp() + g.delay_ms * interval '1 millisecond' ELSE d.next_attempt_at END,
        worker_id = NULL,
        last_attempt_at = clock_timestamp(),
        response_status = g.status, response_excerpt = g.excerpt, error = g.error, duration_ms = g.duration_ms,
        tries = d.tries || jsonb_build_array(jsonb_build_object('at', iso_utc(clock_timestamp()), 'status', g.status,
          'error', g.error, 'duration_ms', g.duration_ms)),
        finished_at = CASE g.outcome WHEN 'retry' THEN NULL ELSE clock_timestamp() END
      FROM given g
      WHERE d.id = g.id AND d.status = 'sending' AND d.worker_id = p_worker AND d.attempts = g.attempt
      RETURNING d.endpoint_id, g.outcome, g.rest_ms, g.status
    )
    SELECT m.endpoint_id, bool_or(m.outcome = 'delivered') AS succeeded, bool_or(m.outcome = 'gone') AS gone,
      count(*)::int AS failed, max(m.rest_ms) AS rest_ms, max(m.status) AS last_status
    FROM moved m GROUP BY m.endpoint_id ORDER BY m.endpoint_id
  LOOP
    IF v_batch.succeeded AND NOT v_batch.gone THEN
      -- Not with each success: the claim locks this row.
      UPDATE webhook_endpoints e SET failures = 0, failing_since = NULL, rests_until = NULL, last_success_at = clock_timestamp()
      WHERE e.id = v_batch.endpoint_id
        AND (e.failures > 0 OR coalesce(e.last_success_at, '-infinity') < clock_timestamp() - interval '1 minute');
      CONTINUE;
    END IF;
    UPDATE webhook_endpoints e SET
      failures = e.failures + v_batch.failed,
      failing_since = coalesce(e.failing_since, clock_timestamp()),
      rests_until = clock_timestamp() + greatest(
        CASE WHEN e.failures + v_batch.failed > 3 THEN least(power(2, least(e.failures + v_batch.failed - 3, 6)), 60) ELSE 0 END
          * interval '1 second',
        coalesce(v_batch.rest_ms, 0) * interval '1 millisecond')
    WHERE e.id = v_batch.endpoint_id AND e.enabled
    RETURNING * INTO v_endpoint;
    CONTINUE WHEN NOT FOUND;
    v_reason := CASE
      WHEN v_batch.gone THEN 'It answered 410: it is gone.'
      WHEN v_endpoint.failures >= p_disable_failures
        AND v_endpoint.failing_since <= clock_timestamp() - p_disable_ms * interval '1 millisecond'
      THEN format('It has failed %s times in a row since %s.', v_endpoint.failures, iso_utc(v_endpoint.failing_since))
    END;
    CONTINUE WHEN v_reason IS NULL;
    UPDATE webhook_endpoints e SET enabled = false, disabled_reason = v_reason, disabled_at = clock_timestamp(),
      updated_at = clock_timestamp()
    WHERE e.id = v_endpoint.id;
    INSERT INTO audit_log (tenant_id, actor, action, subject, detail) VALUES (v_endpoint.tenant_id, 'system',
      'webhook_endpoint.disable', 'webhook_endpoint:' || v_endpoint.id, jsonb_build_object('reason', v_reason));
    PERFORM emit_webhook_event(v_endpoint.tenant_id, 'webhook.disabled', clock_timestamp(), jsonb_build_object(
      'endpoint_id', v_endpoint.id, 'url', v_endpoint.url, 'reason', v_reason, 'at', iso_utc(clock_timestamp())));
    endpoint_id := v_endpoint.id;
    tenant_id := v_endpoint.tenant_id;
    reason := v_reason;
    RETURN NEXT;
  END LOOP;
END
$$;

-- These touch a handful of rows of a table that may hold millions, always by key: nothing but index look-ups is right.
ALTER FUNCTION claim_webhook_deliveries(uuid, int, int, int)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
ALTER FUNCTION record_webhook_results(uuid, bigint[], int[], text[], int[], int[], int[], text[], text[], int[], int, bigint)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
ALTER FUNCTION note_message_events() SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;

-- How webhooks are doing, for admins.
CREATE VIEW v_webhooks AS
SELECT e.tenant_id, e.id AS endpoint_id, regexp_replace(e.url, '^(https?://[^/?#]+).*$', '\1') AS host, e.enabled,
  e.disabled_reason, e.failures, e.failing_since, e.rests_until, e.last_success_at,
  (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status IN ('pending', 'sending')) AS owed,
  (SELECT min(d.next_attempt_at) FROM webhook_deliveries d
    WHERE d.endpoint_id = e.id AND d.status IN ('pending', 'sending')) AS next_attempt_at,
  (SELECT count(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.status = 'failed') AS failed_for_good
FROM webhook_endpoints e;
