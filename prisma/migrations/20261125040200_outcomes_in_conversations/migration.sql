-- The fence and outcomes again, with conversations and figures.

-- THE FENCE, as in the migration of the kept pace; an answer to somebody who has written since they opted out goes through.
CREATE OR REPLACE FUNCTION claim_messages(
  p_device int, p_worker uuid, p_epoch int, p_limit int, p_quantum int, p_send_ms int, p_class lane_class,
  p_day date DEFAULT NULL, p_daily_cap int DEFAULT NULL,
  p_gap_ms float DEFAULT NULL, p_tokens float DEFAULT NULL, p_token_ms float DEFAULT NULL
) RETURNS TABLE (
  message_id uuid, job_id uuid, tenant_id int, phone text, text text, variables jsonb, body text,
  attempt smallint, max_attempts smallint, provider_message_id text, unknown_policy unknown_policy, claim_class lane_class,
  content jsonb
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_lease_end timestamptz;
  v_kind device_kind;
  v_aside timestamptz;
  v_lane record;
  v_job send_messages_jobs;
  v_left int := p_limit;
  v_take int;
  v_taken int;
  v_next timestamptz;
  v_total int := 0;
BEGIN
  SELECT d.lease_expires_at, d.kind, d.aside_until INTO v_lease_end, v_kind, v_aside
  FROM devices d
  WHERE d.id = p_device AND d.lease_worker_id = p_worker AND d.lease_epoch = p_epoch
    AND d.lease_expires_at > clock_timestamp() + p_send_ms * interval '1 millisecond'
  FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'lease of device % is not held by worker % at epoch %', p_device, p_worker, p_epoch
      USING ERRCODE = 'PR001';
  END IF;
  IF v_aside > clock_timestamp() THEN
    RETURN;
  END IF;

  IF p_daily_cap IS NOT NULL THEN
    v_left := least(v_left, p_daily_cap - coalesce(
      (SELECT t.claimed FROM device_days t WHERE t.device_id = p_device AND t.day = p_day), 0));
  END IF;

  -- Bounded: a claim looks at so many lanes at most, however many jobs are open.
  FOR v_round IN 1..32 LOOP
    EXIT WHEN v_left <= 0;
    SELECT l.job_id, l.weight INTO v_lane
    FROM lanes l JOIN send_messages_jobs j ON j.id = l.job_id
    WHERE l.device_id = p_device AND l.status = 'active' AND l.class <= p_class
      AND l.ready_at <= clock_timestamp() AND j.status IN ('pending', 'running')
    ORDER BY l.class, l.vtime, l.job_id
    LIMIT 1;
    EXIT WHEN NOT FOUND;

    SELECT * INTO v_job FROM send_messages_jobs j
    WHERE j.id = v_lane.job_id AND j.status IN ('pending', 'running') FOR UPDATE;
    CONTINUE WHEN NOT FOUND;

    v_take := least(v_left, p_quantum, coalesce(v_job.batch_size, p_quantum),
      coalesce(v_job.max_concurrent - v_job.sending, v_left));
    IF v_job.interval_ms > 0 THEN
      v_take := least(v_take, 1);
    END IF;
    IF v_take <= 0 THEN
      -- As many as it wants are under way: look at its neighbours now and at it again soon.
      UPDATE lanes l SET ready_at = clock_timestamp() + interval '50 milliseconds'
      WHERE l.job_id = v_job.id AND l.device_id = p_device;
      CONTINUE;
    END IF;
    RETURN QUERY
    WITH due AS MATERIALIZED (
      SELECT m.id, m.phone, m.seq FROM messages m
      WHERE m.job_id = v_job.id AND m.due_at <= clock_timestamp() AND m.state = 'retrying'
      ORDER BY m.due_at LIMIT v_take
    ), fresh AS MATERIALIZED (
      SELECT m.id, m.phone, m.seq FROM messages m
      WHERE m.job_id = v_job.id AND m.seq > v_job.next_seq AND m.state = 'queued'
      ORDER BY m.seq LIMIT v_take - (SELECT count(*) FROM due)
    ), target AS MATERIALIZED (
      SELECT t.id, s.phone IS NOT NULL AS suppressed
      FROM (SELECT * FROM due UNION ALL SELECT * FROM fresh) t
      LEFT JOIN suppressions s ON s.tenant_id = v_job.tenant_id AND s.phone = t.phone AND NOT v_job.past_opt_out
    ), moved AS (
      UPDATE messages m SET
        state = CASE WHEN t.suppressed THEN 'skipped' ELSE 'sending' END::message_state,
        attempts = m.attempts + CASE WHEN t.suppressed THEN 0 ELSE 1 END,
        device_id = p_device,
        claim_epoch = p_epoch,
        provider_message_id = CASE WHEN t.suppressed THEN NULL ELSE new_provider_message_id(v_kind) END,
        send_by = CASE WHEN t.suppressed THEN NULL ELSE v_lease_end END,
        due_at = NULL,
        error_code = CASE WHEN t.suppressed THEN 'opted_out' END,
        error_detail = NULL,
        claimed_at = clock_timestamp(),
        finished_at = CASE WHEN t.suppressed THEN clock_timestamp() END
      FROM target t WHERE m.id = t.id
      RETURNING m.id, m.job_id, m.tenant_id, m.phone, m.text, m.variables, m.attempts, m.provider_message_id,
        m.state, t.suppressed
    ), history AS (
      INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code)
      SELECT clock_timestamp(), m.id, m.job_id, m.tenant_id, p_device, 'queued', 'skipped', m.attempts, 'opted_out'
      FROM moved m WHERE m.suppressed
    ), counted AS (
      UPDATE send_messages_jobs j SET
        status = 'running',
        started_at = coalesce(j.started_at, clock_timestamp()),
        next_seq = greatest(j.next_seq, coalesce((SELECT max(f.seq) FROM fresh f), 0)),
        sending = j.sending + (SELECT count(*) FROM moved m WHERE NOT m.suppressed),
        skipped = j.skipped + (SELECT count(*) FROM moved m WHERE m.suppressed),
        updated_at = clock_timestamp()
      WHERE j.id = v_job.id AND EXISTS (SELECT 1 FROM moved)
    ), served AS (
      UPDATE lanes l SET
        vtime = l.vtime + (SELECT count(*) FROM moved)::float / v_lane.weight,
        ready_at = CASE WHEN v_job.interval_ms > 0
          THEN clock_timestamp() + v_job.interval_ms * interval '1 millisecond' ELSE l.ready_at END
      WHERE l.job_id = v_job.id AND l.device_id = p_device AND EXISTS (SELECT 1 FROM moved)
    )
    SELECT m.id, m.job_id, m.tenant_id, m.phone, m.text, m.variables, v_job.body, m.attempts, v_job.max_attempts,
      m.provider_message_id, v_job.unknown_policy, v_job.lane_class, v_job.content
    FROM moved m WHERE NOT m.suppressed;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    v_left := v_left - v_taken;
    v_total := v_total + v_taken;

    IF v_taken < v_take THEN
      -- Short of work (or recipients were skipped): sleep until a retry is due, or for good until apply_outcomes wakes it.
      IF NOT EXISTS (
        SELECT 1 FROM messages m, send_messages_jobs j
        WHERE j.id = v_job.id AND m.job_id = v_job.id AND m.seq > j.next_seq AND m.state = 'queued'
      ) THEN
        SELECT min(m.due_at) INTO v_next FROM messages m WHERE m.job_id = v_job.id AND m.due_at IS NOT NULL;
        UPDATE lanes l SET ready_at = greatest(l.ready_at, coalesce(v_next, 'infinity'))
        WHERE l.job_id = v_job.id AND l.device_id = p_device;
        PERFORM complete_job_if_done(v_job.id);
      END IF;
    END IF;
  END LOOP;

  IF p_token_ms IS NOT NULL AND v_total > 0 THEN
    -- Never sooner than what is written: a back-off stands when a chat reply goes before it is over.
    UPDATE devices d SET next_send_at = greatest(d.next_send_at, clock_timestamp()
      + greatest(nullif(p_gap_ms, 0), (1 - (p_tokens - v_total)) * p_token_ms) * interval '1 millisecond')
    WHERE d.id = p_device;
  END IF;

  IF p_day IS NOT NULL AND v_total > 0 THEN
    INSERT INTO device_days (device_id, day, claimed) VALUES (p_device, p_day, v_total)
    ON CONFLICT ON CONSTRAINT device_days_pkey DO UPDATE SET claimed = device_days.claimed + v_total;
  END IF;
END
$$;

ALTER FUNCTION claim_messages(int, uuid, int, int, int, int, lane_class, date, int, float, float, float)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;

-- Outcomes, with the window of failures, the place of a message in the history, and the figures.
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
    SELECT m.id AS message_id, m.state AS from_state, m.settle_until IS NOT NULL AS was_settling,
      m.sent_at AS was_sent_at, m.finished_at AS was_finished_at, g.*,
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
      m.error_code, m.error_detail, m.attempts, o.at, o.was_settling, o.settles, m.sent_at, m.finished_at, o.was_sent_at,
      o.was_finished_at
  ), history AS (
    INSERT INTO message_events
      (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code, detail)
    SELECT m.at, m.id, m.job_id, m.tenant_id, m.device_id, m.from_state, m.state, m.attempts, m.error_code, m.error_detail
    FROM moved m
  ), entries AS (
    -- An answer has its place in the history since it was written; a campaign's message gets one when it is first sent.
    INSERT INTO chat_entries (device_id, phone, at, id, origin)
    SELECT m.device_id, m.phone, m.sent_at, m.id, CASE j.kind WHEN 'single' THEN 'single' ELSE 'campaign' END::chat_origin
    FROM moved m JOIN send_messages_jobs j ON j.id = m.job_id
    WHERE m.sent_at IS NOT NULL AND m.was_sent_at IS NULL AND m.device_id IS NOT NULL AND j.conversation_id IS NULL
  ), effect AS MATERIALIZED (
    SELECT m.job_id, m.device_id, m.tenant_id, m.sent_at, coalesce(m.finished_at, m.was_finished_at) AS ended_at,
      m.was_finished_at,
      m.state IN ('sent', 'delivered', 'read') AS now_sent, m.from_state IN ('sent', 'delivered', 'read') AS was_sent,
      m.state IN ('delivered', 'read') AS now_delivered, m.from_state IN ('delivered', 'read') AS was_delivered,
      m.from_state = 'sending' AS was_sending, m.state = 'read' AS now_read,
      m.state = 'failed' AS now_failed, m.from_state = 'failed' AS was_failed,
      m.state = 'unknown' AS now_unknown, m.from_state = 'unknown' AS was_unknown,
      m.from_state = 'sending' AND m.state IN ('sent', 'delivered', 'read', 'failed') AS ended,
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
  ), figures AS (
    SELECT e.tenant_id, e.device_id, e.job_id, stats_slot(e.sent_at) AS slot,
      e.now_sent::int - e.was_sent::int AS sent, e.now_delivered::int - e.was_delivered::int AS delivered,
      e.now_read::int AS read, 0 AS failed
    FROM effect e WHERE e.now_sent OR e.was_sent
    UNION ALL
    SELECT e.tenant_id, e.device_id, e.job_id, stats_slot(CASE WHEN e.was_failed THEN e.was_finished_at ELSE e.ended_at END),
      0, 0, 0, e.now_failed::int - e.was_failed::int
    FROM effect e WHERE e.now_failed <> e.was_failed
  ), stats AS (
    INSERT INTO message_stats AS s (tenant_id, slot, device_id, job_id, sent, delivered, read, failed)
    SELECT f.tenant_id, f.slot, f.device_id, stats_job(j), sum(f.sent), sum(f.delivered), sum(f.read), sum(f.failed)
    FROM figures f JOIN send_messages_jobs j ON j.id = f.job_id WHERE f.device_id IS NOT NULL
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE SET
      sent = s.sent + EXCLUDED.sent, delivered = s.delivered + EXCLUDED.delivered, read = s.read + EXCLUDED.read,
      failed = s.failed + EXCLUDED.failed
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

ALTER FUNCTION apply_outcomes(text[], message_state[], text[], text[], int[], int[], boolean[], timestamptz[])
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
