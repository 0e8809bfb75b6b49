-- How steps of scraping jobs move. The order of locks is always the job, then its step.

CREATE FUNCTION scraping_step_may_become(p_from scraping_step_status, p_to scraping_step_status) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p_from
    WHEN 'pending' THEN p_to IN ('running', 'cancelled')
    WHEN 'running' THEN p_to IN ('pending', 'completed', 'failed', 'cancelled', 'skipped')
    WHEN 'failed' THEN p_to IN ('pending')
    ELSE false
  END
$$;

-- Steps that will not be tried again.
CREATE FUNCTION scraping_finished(j scraping_jobs) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT j.completed + j.failed + j.cancelled + j.skipped
$$;

-- However a job came to be cancelled (API or an admin in SQL), its steps are to follow.
CREATE TRIGGER scraping_jobs_note_cancellation BEFORE UPDATE OF status ON scraping_jobs
FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status IS DISTINCT FROM 'cancelled')
EXECUTE FUNCTION note_cancellation();

-- Claims one step for a worker: of the job with the least virtual time that may have one more under way. Commits before
-- the site is visited. A host is handed out once per `interval_ms`, over all jobs. Nothing comes back when nothing is due.
--
-- It waits for one job's lock at most, and for one host's after it: two claims can never wait for each other.
CREATE FUNCTION claim_scraping_step(p_worker uuid, p_lease_ms int) RETURNS TABLE (
  claim_id uuid, step_id uuid, job_id uuid, tenant_id int, step_number int, name text, url text, attempt smallint,
  config jsonb
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_jobs uuid[];
  v_id uuid;
  v_job scraping_jobs;
  v_step scraping_steps;
  v_claim uuid := gen_random_uuid();
  v_waited boolean := false;
BEGIN
  SELECT array_agg(j.id) INTO v_jobs FROM (
    SELECT j.id FROM scraping_jobs j
    WHERE j.status IN ('pending', 'running') AND j.ready_at <= clock_timestamp()
      AND j.running < (j.config ->> 'concurrency')::int
    ORDER BY j.vtime, j.id LIMIT 100
  ) j;
  FOREACH v_id IN ARRAY coalesce(v_jobs, '{}') LOOP
    IF v_waited THEN
      SELECT * INTO v_job FROM scraping_jobs j WHERE j.id = v_id FOR UPDATE SKIP LOCKED;
    ELSE
      SELECT * INTO v_job FROM scraping_jobs j WHERE j.id = v_id FOR UPDATE;
      v_waited := true;
    END IF;
    CONTINUE WHEN NOT FOUND OR v_job.status NOT IN ('pending', 'running')
      OR v_job.running >= (v_job.config ->> 'concurrency')::int;

    SELECT s.* INTO v_step FROM scraping_steps s
    WHERE s.job_id = v_id AND s.status = 'pending' AND (s.due_at IS NULL OR s.due_at <= clock_timestamp())
      AND coalesce((SELECT h.next_visit_at FROM scraping_hosts h WHERE h.host = s.host), '-infinity') <= clock_timestamp()
    ORDER BY s.step_number LIMIT 1;
    IF NOT FOUND THEN
      PERFORM rest_scraping_job(v_id);
      CONTINUE;
    END IF;

    INSERT INTO scraping_hosts AS h (host, next_visit_at)
    VALUES (v_step.host, clock_timestamp() + (v_job.config ->> 'interval_ms')::int * interval '1 millisecond')
    ON CONFLICT (host) DO UPDATE SET next_visit_at = excluded.next_visit_at WHERE h.next_visit_at <= clock_timestamp();
    -- Somebody else has just gone there; the caller asks again.
    EXIT WHEN NOT FOUND;

    UPDATE scraping_steps s SET
      status = 'running', attempts = s.attempts + 1, worker_id = p_worker, claim_id = v_claim,
      claim_expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond', due_at = NULL,
      started_at = coalesce(s.started_at, clock_timestamp())
    WHERE s.id = v_step.id;
    UPDATE scraping_jobs j SET
      status = 'running', started_at = coalesce(j.started_at, clock_timestamp()), running = j.running + 1,
      vtime = j.vtime + 1.0 / greatest(j.priority, 1), updated_at = clock_timestamp()
    WHERE j.id = v_id;
    RETURN QUERY SELECT v_claim, v_step.id, v_id, v_step.tenant_id, v_step.step_number, v_step.name, v_step.url,
      (v_step.attempts + 1)::smallint, v_job.config;
    RETURN;
  END LOOP;
END
$$;

-- Sets when a job that has nothing to claim is looked at again: when a try is due or a host may be visited, or never.
-- The first hundred that wait are asked; needs the job's row lock. Mutates.
CREATE FUNCTION rest_scraping_job(p_job uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE scraping_jobs j SET ready_at = coalesce((
    SELECT min(greatest(w.due_at, w.next_visit_at)) FROM (
      SELECT s.due_at, (SELECT h.next_visit_at FROM scraping_hosts h WHERE h.host = s.host)
      FROM scraping_steps s WHERE s.job_id = p_job AND s.status = 'pending' ORDER BY s.step_number LIMIT 100
    ) w (due_at, next_visit_at)
  ), 'infinity') WHERE j.id = p_job
$$;

-- Claims of this worker that are still its own, with their time extended. One that is missing from the answer was
-- cancelled or has run out: its holder stops. Mutates.
CREATE FUNCTION renew_scraping_claims(p_worker uuid, p_claims uuid[], p_lease_ms int) RETURNS SETOF uuid LANGUAGE sql AS $$
  UPDATE scraping_steps s SET claim_expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  WHERE s.claim_id = ANY (p_claims) AND s.worker_id = p_worker AND s.claim_expires_at > clock_timestamp()
  RETURNING s.claim_id
$$;

-- What became of a claim. A claim that is no longer the step's own changes nothing, so saying it twice is harmless.
--
-- p_status   `pending` tries again after p_retry_ms
-- p_refund   the attempt was not spent
-- p_lost     the claim has to have run out: said by whoever finds it, not by its holder. Counted, and the third time
--            the step fails, since a site that ends a worker would end the next one as well
-- p_report   with `completed`: the report's data
CREATE FUNCTION finish_scraping_step(
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
  v_ended boolean;
BEGIN
  SELECT s.job_id INTO v_job FROM scraping_steps s WHERE s.claim_id = p_claim;
  PERFORM 1 FROM scraping_jobs j WHERE j.id = v_job FOR UPDATE;
  SELECT * INTO v_step FROM scraping_steps s WHERE s.claim_id = p_claim FOR UPDATE;
  IF NOT FOUND OR NOT scraping_step_may_become(v_step.status, p_status)
    OR (p_lost AND v_step.claim_expires_at > clock_timestamp()) THEN
    RETURN;
  END IF;
  IF p_lost AND v_step.losses >= 2 THEN
    v_status := 'failed';
  END IF;

  UPDATE scraping_steps s SET
    status = v_status, claim_id = NULL, claim_expires_at = NULL,
    attempts = s.attempts - CASE WHEN p_refund THEN 1 ELSE 0 END,
    losses = s.losses + p_lost::int,
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

-- Ends a job whose last step has ended: `failed` when every step did, else `completed`. Needs the job's row lock. Mutates.
CREATE FUNCTION end_scraping_job_if_done(p_job uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE scraping_jobs j SET
    status = CASE WHEN j.failed = j.total THEN 'failed' ELSE 'completed' END::job_status,
    status_reason = CASE WHEN j.failed = j.total THEN 'every domain failed' END,
    completed_at = clock_timestamp(), updated_at = clock_timestamp()
  WHERE j.id = p_job AND j.status IN ('pending', 'running', 'paused') AND scraping_finished(j) = j.total;
  RETURN FOUND;
END
$$;

-- Cancels up to `p_limit` steps of a job that is `cancelled`, those under way first: their claims end here and now, and
-- whoever holds them finds that out. Called until it returns 0. Mutates.
CREATE FUNCTION cancel_scraping_steps(p_job uuid, p_limit int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_running int;
  v_pending int;
BEGIN
  PERFORM 1 FROM scraping_jobs j WHERE j.id = p_job AND j.status = 'cancelled' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH target AS (
    (SELECT s.id, s.status FROM scraping_steps s WHERE s.job_id = p_job AND s.status = 'running' LIMIT p_limit)
    UNION ALL
    (SELECT s.id, s.status FROM scraping_steps s WHERE s.job_id = p_job AND s.status = 'pending'
     ORDER BY s.step_number LIMIT p_limit)
  ), moved AS (
    UPDATE scraping_steps s SET
      status = 'cancelled', claim_id = NULL, claim_expires_at = NULL, due_at = NULL, completed_at = clock_timestamp()
    FROM target t WHERE s.id = t.id AND scraping_step_may_become(s.status, 'cancelled')
    RETURNING t.status
  )
  SELECT count(*) FILTER (WHERE m.status = 'running'), count(*) FILTER (WHERE m.status = 'pending')
  INTO v_running, v_pending FROM moved m;
  UPDATE scraping_jobs j SET
    running = j.running - v_running, cancelled = j.cancelled + v_running + v_pending,
    cancelling = scraping_finished(j) + v_running + v_pending < j.total, updated_at = clock_timestamp()
  WHERE j.id = p_job;
  RETURN v_running + v_pending;
END
$$;

-- Failed steps of a job get a fresh set of attempts, at the operator's word. Mutates, returns how many.
CREATE FUNCTION retry_failed_scraping_steps(p_job uuid) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_count int;
BEGIN
  PERFORM 1 FROM scraping_jobs j
  WHERE j.id = p_job AND j.status IN ('pending', 'running', 'paused', 'completed', 'failed') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH moved AS (
    UPDATE scraping_steps s SET
      status = 'pending', attempts = 0, losses = 0, due_at = NULL, completed_at = NULL, result_data = NULL
    WHERE s.job_id = p_job AND s.status = 'failed' AND scraping_step_may_become(s.status, 'pending')
    RETURNING 1
  )
  SELECT count(*) INTO v_count FROM moved;
  IF v_count > 0 THEN
    UPDATE scraping_jobs j SET
      failed = j.failed - v_count,
      status = CASE WHEN j.status IN ('completed', 'failed') THEN 'running' ELSE j.status END,
      status_reason = CASE WHEN j.status = 'failed' THEN NULL ELSE j.status_reason END,
      completed_at = NULL, ready_at = clock_timestamp(), updated_at = clock_timestamp()
    WHERE j.id = p_job;
  END IF;
  RETURN v_count;
END
$$;
