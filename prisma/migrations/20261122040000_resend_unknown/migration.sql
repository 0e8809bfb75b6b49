-- Messages of a job whose outcome nobody could find out are sent again, at the operator's word: some recipients may get
-- them twice. Those that are still being settled are left alone. Mutates, returns how many.
CREATE FUNCTION resend_unknown(p_job uuid) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_count int;
BEGIN
  PERFORM 1 FROM send_messages_jobs j
  WHERE j.id = p_job AND j.status IN ('pending', 'running', 'paused', 'completed', 'failed') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH moved AS (
    UPDATE messages m SET state = 'retrying', due_at = clock_timestamp(), attempts = 0, finished_at = NULL
    WHERE m.job_id = p_job AND m.error_code IS NOT NULL AND m.state = 'unknown' AND m.settle_until IS NULL
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.error_code
  ), history AS (
    INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code, detail)
    SELECT clock_timestamp(), m.id, m.job_id, m.tenant_id, m.device_id, 'unknown', 'retrying', 0, m.error_code, 'resent by operator'
    FROM moved m
  ), per_lane AS (
    SELECT m.device_id, count(*)::int AS unknown FROM moved m GROUP BY m.device_id
  ), lane_counts AS (
    UPDATE lanes l SET unknown = l.unknown - p.unknown FROM per_lane p WHERE l.job_id = p_job AND l.device_id = p.device_id
  )
  SELECT count(*) INTO v_count FROM moved;
  IF v_count > 0 THEN
    UPDATE send_messages_jobs j SET
      unknown = j.unknown - v_count,
      status = CASE WHEN j.status IN ('completed', 'failed') THEN 'running' ELSE j.status END,
      completed_at = NULL, updated_at = clock_timestamp()
    WHERE j.id = p_job;
    PERFORM wake_lanes(ARRAY[p_job]);
  END IF;
  RETURN v_count;
END
$$;
