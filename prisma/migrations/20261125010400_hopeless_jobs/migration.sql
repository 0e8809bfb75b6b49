-- A job fails when nobody is left who could go on with it: it was given to certain devices and all of them were deleted. What
-- it has not sent is cancelled, what is under way is settled. Where any device may send, one may still be linked: such a job
-- waits, and `v_stuck` says what for. Mutates, returns the jobs that failed by it.
CREATE FUNCTION fail_hopeless_jobs() RETURNS SETOF uuid LANGUAGE sql AS $$
  WITH hopeless AS (
    SELECT j.id FROM send_messages_jobs j
    WHERE j.status IN ('pending', 'running', 'paused') AND j.devices_named
      AND NOT EXISTS (
        SELECT 1 FROM lanes l JOIN devices d ON d.id = l.device_id WHERE l.job_id = j.id AND d.deleted_at IS NULL)
    ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
  )
  UPDATE send_messages_jobs j SET
    status = 'failed', status_reason = 'every device that was to send it has been deleted', cancelling = true,
    completed_at = clock_timestamp(), updated_at = clock_timestamp()
  FROM hopeless h WHERE j.id = h.id
  RETURNING j.id
$$;

-- Cancels up to `p_limit` messages that no one has claimed, of a job that is `cancelled` or has `failed`. Called until it returns 0: a
-- million rows in one transaction would hold the job's lock, and with it the results of sends under way, for seconds.
CREATE OR REPLACE FUNCTION cancel_queued(p_job uuid, p_limit int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_job send_messages_jobs;
  v_count int;
  v_last int;
BEGIN
  SELECT * INTO v_job FROM send_messages_jobs j WHERE j.id = p_job AND j.status IN ('cancelled', 'failed') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH target AS (
    (SELECT m.id, m.seq FROM messages m WHERE m.job_id = p_job AND m.due_at IS NOT NULL LIMIT p_limit)
    UNION
    (SELECT m.id, m.seq FROM messages m WHERE m.job_id = p_job AND m.seq > v_job.next_seq AND m.state = 'queued'
     ORDER BY m.seq LIMIT p_limit)
  ), old AS (
    SELECT m.id, m.state FROM messages m JOIN target t ON t.id = m.id FOR UPDATE OF m
  ), moved AS (
    UPDATE messages m SET state = 'cancelled', due_at = NULL, finished_at = clock_timestamp()
    FROM old o WHERE m.id = o.id AND message_may_become(o.state, 'cancelled')
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.seq, o.state AS from_state, m.attempts
  ), history AS (
    INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt)
    SELECT clock_timestamp(), m.id, m.job_id, m.tenant_id, m.device_id, m.from_state, 'cancelled', m.attempts FROM moved m
  )
  SELECT count(*), coalesce(max(m.seq), 0) INTO v_count, v_last FROM moved m;
  UPDATE send_messages_jobs j SET
    cancelled = j.cancelled + v_count,
    next_seq = CASE WHEN v_count = 0 THEN j.total ELSE greatest(j.next_seq, v_last) END,
    -- A send under way may still end as `retrying`: look again until every message has ended.
    cancelling = v_count > 0 OR job_finished(j) < j.total,
    updated_at = clock_timestamp()
  WHERE j.id = p_job;
  RETURN v_count;
END
$$;
