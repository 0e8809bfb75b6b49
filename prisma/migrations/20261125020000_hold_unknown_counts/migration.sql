-- The count has a name that no column of send_messages_jobs has: within this function columns go before variables.

-- Unknown outcomes that no lookup could settle stay unknown for good (policy `hold`). Mutates, returns how many.
CREATE OR REPLACE FUNCTION hold_unknown(p_ids text[]) RETURNS TABLE (job_id uuid, held int, job_completed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_job uuid;
  v_held int;
BEGIN
  FOR v_job IN
    SELECT j.id FROM send_messages_jobs j
    WHERE j.id IN (SELECT m.job_id FROM messages m WHERE m.provider_message_id = ANY (p_ids)) ORDER BY j.id FOR UPDATE
  LOOP
    UPDATE messages m SET settle_until = NULL, send_by = NULL, finished_at = clock_timestamp()
    WHERE m.provider_message_id = ANY (p_ids) AND m.job_id = v_job AND m.state = 'unknown' AND m.settle_until IS NOT NULL;
    GET DIAGNOSTICS v_held = ROW_COUNT;
    UPDATE send_messages_jobs j SET settling = j.settling - v_held, updated_at = clock_timestamp() WHERE j.id = v_job;
    job_id := v_job;
    held := v_held;
    job_completed := complete_job_if_done(v_job);
    RETURN NEXT;
  END LOOP;
END
$$;
