-- How many messages of a job ended and failed, second by second: what its auto-pause judges by. Written with the outcomes, so
-- it knows of every failure once, whether a worker was told or an API instance by a webhook. Short-lived and worth nothing
-- after a crash: not logged.
CREATE UNLOGGED TABLE "job_seconds" (
    "job_id" UUID NOT NULL,
    "second" TIMESTAMPTZ(0) NOT NULL,
    "ended" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,

    CONSTRAINT "job_seconds_pkey" PRIMARY KEY ("job_id","second")
) WITH (fillfactor = 50);

-- AddForeignKey
ALTER TABLE "job_seconds" ADD CONSTRAINT "job_seconds_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "send_messages_jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What happened to claims: results of sends, acks, answers of lookups, releases. An outcome names a claim by the
-- provider message id, so a result of a claim that is no longer the row's own finds nothing and changes nothing, a
-- transition that the state machine does not allow changes nothing either. At most one element per id.
--
-- p_due_ms     `retrying`: may be claimed again after so many ms
-- p_settle_ms  `unknown`: for so many ms lookups may settle it, 0 or null holds it at once
-- p_refund     the attempt was not spent (snooze)
-- p_at         when it happened, by the provider's word or ours
--
-- Returns the messages that moved, `job_completed` on all rows of a job that this call completed.
CREATE OR REPLACE FUNCTION apply_outcomes(
  p_ids text[], p_states message_state[], p_codes text[], p_details text[],
  p_due_ms int[], p_settle_ms int[], p_refund boolean[], p_at timestamptz[]
) RETURNS TABLE (
  message_id uuid, job_id uuid, tenant_id int, device_id int, phone text, provider_message_id text,
  from_state message_state, to_state message_state, error_code text, job_completed boolean, attempt smallint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_jobs uuid[];
BEGIN
  SELECT array_agg(DISTINCT m.job_id) INTO v_jobs FROM messages m WHERE m.provider_message_id = ANY (p_ids);
  IF v_jobs IS NULL THEN
    RETURN;
  END IF;
  PERFORM 1 FROM send_messages_jobs j WHERE j.id = ANY (v_jobs) ORDER BY j.id FOR UPDATE;

  RETURN QUERY
  WITH given AS (
    SELECT * FROM unnest(p_ids, p_states, p_codes, p_details, p_due_ms, p_settle_ms, p_refund, p_at)
      AS g (id, to_state, code, detail, due_ms, settle_ms, refund, at)
  ), old AS MATERIALIZED (
    SELECT m.id AS message_id, m.state AS from_state, m.settle_until IS NOT NULL AS was_settling, g.*,
      g.to_state = 'unknown' AND coalesce(g.settle_ms, 0) > 0 AS settles
    FROM given g JOIN messages m ON m.provider_message_id = g.id
    WHERE message_may_become(m.state, g.to_state)
    FOR UPDATE OF m
  ), moved AS (
    UPDATE messages m SET
      state = o.to_state,
      attempts = m.attempts - CASE WHEN o.refund THEN 1 ELSE 0 END,
      send_by = CASE WHEN o.settles THEN m.send_by END,
      settle_until = CASE WHEN o.settles THEN clock_timestamp() + o.settle_ms * interval '1 millisecond' END,
      due_at = CASE WHEN o.to_state = 'retrying'
        THEN clock_timestamp() + coalesce(o.due_ms, 0) * interval '1 millisecond' END,
      error_code = CASE WHEN o.to_state IN ('sent', 'delivered', 'read') THEN NULL ELSE o.code END,
      error_detail = CASE WHEN o.to_state IN ('sent', 'delivered', 'read') THEN NULL ELSE o.detail END,
      sent_at = CASE WHEN o.to_state IN ('sent', 'delivered', 'read') THEN coalesce(m.sent_at, o.at) ELSE m.sent_at END,
      delivered_at = CASE WHEN o.to_state IN ('delivered', 'read') THEN coalesce(m.delivered_at, o.at) ELSE m.delivered_at END,
      read_at = CASE WHEN o.to_state = 'read' THEN o.at ELSE m.read_at END,
      finished_at = CASE WHEN o.to_state = 'retrying' OR o.settles THEN NULL ELSE coalesce(m.finished_at, o.at) END
    FROM old o WHERE m.id = o.message_id
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.phone, m.provider_message_id, o.from_state, m.state,
      m.error_code, m.error_detail, m.attempts, o.at, o.was_settling, o.settles
  ), history AS (
    INSERT INTO message_events
      (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code, detail)
    SELECT m.at, m.id, m.job_id, m.tenant_id, m.device_id, m.from_state, m.state, m.attempts, m.error_code, m.error_detail
    FROM moved m
  ), effect AS MATERIALIZED (
    SELECT m.job_id, m.device_id,
      m.state IN ('sent', 'delivered', 'read') AS now_sent, m.from_state IN ('sent', 'delivered', 'read') AS was_sent,
      m.state IN ('delivered', 'read') AS now_delivered, m.from_state IN ('delivered', 'read') AS was_delivered,
      m.from_state = 'sending' AS was_sending, m.state = 'read' AS now_read,
      m.from_state = 'sending' AND m.state IN ('sent', 'delivered', 'read', 'failed') AS ended,
      m.state = 'failed' AS now_failed, m.from_state = 'failed' AS was_failed,
      m.state = 'unknown' AS now_unknown, m.from_state = 'unknown' AS was_unknown,
      m.settles, m.was_settling
    FROM moved m
  ), per_lane AS (
    SELECT e.job_id, e.device_id,
      sum(e.now_sent::int - e.was_sent::int)::int AS sent, sum(e.now_failed::int - e.was_failed::int)::int AS failed,
      sum(e.now_unknown::int - e.was_unknown::int)::int AS unknown
    FROM effect e GROUP BY e.job_id, e.device_id
  ), lane_counts AS (
    UPDATE lanes l SET sent = l.sent + p.sent, failed = l.failed + p.failed, unknown = l.unknown + p.unknown
    FROM per_lane p
    WHERE l.job_id = p.job_id AND l.device_id = p.device_id AND (p.sent, p.failed, p.unknown) <> (0, 0, 0)
  ), per_job AS MATERIALIZED (
    SELECT e.job_id, sum(e.was_sending::int)::int AS sending,
      sum(e.now_sent::int - e.was_sent::int)::int AS sent,
      sum(e.now_delivered::int - e.was_delivered::int)::int AS delivered,
      sum(e.now_read::int)::int AS read,
      sum(e.now_failed::int - e.was_failed::int)::int AS failed,
      sum(e.now_unknown::int - e.was_unknown::int)::int AS unknown,
      sum(e.settles::int - e.was_settling::int)::int AS settling,
      sum(e.ended::int)::int AS ended, sum((e.now_failed AND NOT e.was_failed)::int)::int AS newly_failed
    FROM effect e GROUP BY e.job_id
  ), seconds AS (
    -- One row a second and job, under the job's lock: whoever learns of the end, worker or webhook, it counts once.
    INSERT INTO job_seconds (job_id, second, ended, failed)
    SELECT p.job_id, date_trunc('second', clock_timestamp()), p.ended, p.newly_failed FROM per_job p
    WHERE p.ended > 0 OR p.newly_failed > 0
    ON CONFLICT ON CONSTRAINT job_seconds_pkey DO UPDATE SET
      ended = job_seconds.ended + excluded.ended, failed = job_seconds.failed + excluded.failed
  ), counted AS (
    SELECT p.*, j.status IN ('pending', 'running', 'paused') AND j.total =
      job_finished(j) + p.sent + p.failed + p.unknown - p.settling AS completes
    FROM per_job p JOIN send_messages_jobs j ON j.id = p.job_id
  ), job_counts AS (
    UPDATE send_messages_jobs j SET
      sending = j.sending - c.sending, sent = j.sent + c.sent, delivered = j.delivered + c.delivered,
      read = j.read + c.read, failed = j.failed + c.failed, unknown = j.unknown + c.unknown,
      settling = j.settling + c.settling,
      status = CASE WHEN c.completes THEN 'completed' ELSE j.status END,
      status_reason = CASE WHEN c.completes THEN NULL ELSE j.status_reason END,
      completed_at = CASE WHEN c.completes THEN clock_timestamp() ELSE j.completed_at END,
      updated_at = clock_timestamp()
    FROM counted c WHERE j.id = c.job_id
    RETURNING j.id, c.completes
  )
  SELECT m.id, m.job_id, m.tenant_id, m.device_id, m.phone, m.provider_message_id, m.from_state, m.state, m.error_code,
    j.completes, m.attempts
  FROM moved m JOIN job_counts j ON j.id = m.job_id;

  IF 'retrying' = ANY (p_states) THEN
    PERFORM wake_lanes(v_jobs);
  END IF;
END
$$;
