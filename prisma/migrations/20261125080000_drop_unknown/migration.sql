-- Messages of a job whose outcome nobody could find out are counted as failed, at the operator's word. Those that are still
-- being settled are left alone; what a receipt says later still holds. Mutates, returns how many.
CREATE FUNCTION drop_unknown(p_job uuid) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_count int;
BEGIN
  PERFORM 1 FROM send_messages_jobs j WHERE j.id = p_job FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH moved AS (
    UPDATE messages m SET state = 'failed', finished_at = coalesce(m.finished_at, clock_timestamp())
    WHERE m.job_id = p_job AND m.error_code IS NOT NULL AND m.state = 'unknown' AND m.settle_until IS NULL
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.error_code, m.attempts, m.finished_at
  ), stats AS (
    INSERT INTO message_stats AS s (tenant_id, slot, device_id, job_id, failed)
    SELECT m.tenant_id, stats_slot(m.finished_at), m.device_id, stats_job(j), count(*)
    FROM moved m JOIN send_messages_jobs j ON j.id = m.job_id
    WHERE m.device_id IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE SET failed = s.failed + EXCLUDED.failed
  ), history AS (
    INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code, detail)
    SELECT clock_timestamp(), m.id, m.job_id, m.tenant_id, m.device_id, 'unknown', 'failed', m.attempts, m.error_code,
      'given up by operator'
    FROM moved m
  ), per_lane AS (
    SELECT m.device_id, count(*)::int AS dropped FROM moved m GROUP BY m.device_id
  ), lane_counts AS (
    UPDATE lanes l SET unknown = l.unknown - p.dropped, failed = l.failed + p.dropped
    FROM per_lane p WHERE l.job_id = p_job AND l.device_id = p.device_id
  )
  SELECT count(*) INTO v_count FROM moved;
  IF v_count > 0 THEN
    UPDATE send_messages_jobs j SET
      unknown = j.unknown - v_count, failed = j.failed + v_count, updated_at = clock_timestamp()
    WHERE j.id = p_job;
  END IF;
  RETURN v_count;
END
$$;
