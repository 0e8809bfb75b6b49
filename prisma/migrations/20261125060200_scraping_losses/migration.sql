-- A browser that dies takes steps of innocent sites with it: like those of a lost worker they run again without spending a
-- try, and not for ever.

-- What became of a claim. A claim that is no longer the step's own changes nothing, so saying it twice is harmless.
--
-- p_status   `pending` tries again after p_retry_ms
-- p_refund   the attempt was not spent. With a code something was lost under it (a worker, a browser): that is counted, and
--            the third time the step fails, since a site that ends a worker would end the next one as well
-- p_lost     the claim has to have run out: said by whoever finds it, not by its holder
-- p_report   with `completed`: the report's data
CREATE OR REPLACE FUNCTION finish_scraping_step(
  p_claim uuid, p_status scraping_step_status, p_code text, p_message text, p_retry_ms int, p_refund boolean,
  p_lost boolean, p_result jsonb, p_report jsonb, p_screenshot text, p_thumbnail text
) RETURNS TABLE (
  step_id uuid, job_id uuid, tenant_id int, step_number int, name text, status scraping_step_status, error_code text,
  error_message text, attempts smallint, job_ended boolean
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_job uuid;
  v_step scraping_steps;
  v_status scraping_step_status := p_status;
  v_loss boolean := p_refund AND p_code IS NOT NULL;
  v_ended boolean;
BEGIN
  SELECT s.job_id INTO v_job FROM scraping_steps s WHERE s.claim_id = p_claim;
  PERFORM 1 FROM scraping_jobs j WHERE j.id = v_job FOR UPDATE;
  SELECT * INTO v_step FROM scraping_steps s WHERE s.claim_id = p_claim FOR UPDATE;
  IF NOT FOUND OR NOT scraping_step_may_become(v_step.status, p_status)
    OR (p_lost AND v_step.claim_expires_at > clock_timestamp()) THEN
    RETURN;
  END IF;
  IF v_loss AND v_step.losses >= 2 THEN
    v_status := 'failed';
  END IF;

  UPDATE scraping_steps s SET
    status = v_status, claim_id = NULL, claim_expires_at = NULL,
    attempts = s.attempts - CASE WHEN p_refund THEN 1 ELSE 0 END,
    losses = s.losses + v_loss::int,
    due_at = CASE WHEN v_status = 'pending' THEN clock_timestamp() + coalesce(p_retry_ms, 0) * interval '1 millisecond' END,
    result_data = p_result, error_code = p_code, error_message = p_message,
    completed_at = CASE WHEN v_status <> 'pending' THEN clock_timestamp() END
  WHERE s.id = v_step.id;
  IF v_status = 'completed' AND p_report IS NOT NULL THEN
    INSERT INTO reports (id, tenant_id, job_id, domain, data, screenshot_key, thumbnail_key)
    VALUES (v_step.id, v_step.tenant_id, v_job, v_step.name, p_report, p_screenshot, p_thumbnail);
  END IF;
  UPDATE scraping_jobs j SET
    running = j.running - 1,
    completed = j.completed + (v_status = 'completed')::int,
    failed = j.failed + (v_status = 'failed')::int,
    skipped = j.skipped + (v_status = 'skipped')::int,
    ready_at = CASE WHEN v_status = 'pending'
      THEN least(j.ready_at, clock_timestamp() + coalesce(p_retry_ms, 0) * interval '1 millisecond') ELSE j.ready_at END,
    updated_at = clock_timestamp()
  WHERE j.id = v_job;
  v_ended := end_scraping_job_if_done(v_job);
  RETURN QUERY SELECT s.id, v_job, s.tenant_id, s.step_number, s.name, s.status, s.error_code, s.error_message,
    s.attempts, v_ended
  FROM scraping_steps s WHERE s.id = v_step.id;
END
$$;

-- Extending a claim must not touch an index: claims are few, and found by being claims.
DROP INDEX scraping_steps_claims_idx;
CREATE INDEX scraping_steps_claims_idx ON scraping_steps (worker_id) WHERE claim_id IS NOT NULL;
