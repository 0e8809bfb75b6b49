-- Pace survives the holder of the lease: each claim of a device with limits writes down when the next may go. Workers of the
-- release before call the fence with nine arguments and find what they knew.
DROP FUNCTION claim_messages(int, uuid, int, int, int, int, lane_class, date, int);

-- THE FENCE. Picks messages for a device by fair share over its lanes and moves them to `sending`, in one transaction
-- that commits before any side effect. Refuses (SQLSTATE PR001) unless the caller's lease is its own, of this epoch, and
-- valid for at least `p_send_ms` more. Opted-out recipients become `skipped` here, whatever was planned.
--
-- p_limit    the most messages to hand out
-- p_quantum  the most that one lane gets before the next is looked at (fairness within a claim)
-- p_class    `interactive` claims only those, `bulk` claims both, interactive first
-- p_day      today on the device's calendar, and p_daily_cap the most that it claims on it (null: any number)
-- p_gap_ms, p_tokens, p_token_ms
--            the device's pace: after n messages the next may go after the gap, and after (1 - (tokens - n)) * token_ms.
--            Kept in `next_send_at` for the next holder of the lease, in the past while tokens are left; null without a limit
CREATE FUNCTION claim_messages(
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
      LEFT JOIN suppressions s ON s.tenant_id = v_job.tenant_id AND s.phone = t.phone
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

-- Why a connected device may not take campaign messages now, or null.
CREATE OR REPLACE FUNCTION device_rest(d devices) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_now timestamp;
  v_quiet jsonb := d.pacing -> 'quiet_hours';
  v_warm_up jsonb := d.pacing -> 'warm_up';
  v_cap bigint := (d.pacing ->> 'daily_cap')::bigint;
  v_days float;
  v_factor float;
  v_since interval;
  v_length interval;
  v_claimed int;
BEGIN
  -- Seconds between two messages are not worth a word; what a provider's "too fast" has made of them is.
  IF d.next_send_at > now() + interval '1 minute' THEN
    RETURN format('paced until %s', say_utc(d.next_send_at));
  END IF;
  IF v_quiet IS NULL AND v_warm_up IS NULL AND v_cap IS NULL THEN
    RETURN NULL;
  END IF;
  BEGIN
    v_now := now() AT TIME ZONE coalesce(d.pacing ->> 'time_zone', 'UTC');
  EXCEPTION WHEN invalid_parameter_value THEN
    -- A zone that Node knows and this server does not.
    RETURN NULL;
  END;
  IF v_quiet ->> 'of' IS DISTINCT FROM 'recipient' THEN
    v_since := v_now::time - (v_quiet ->> 'from')::time;
    v_since := v_since + CASE WHEN v_since < '0' THEN interval '24 hours' ELSE '0' END;
    v_length := (v_quiet ->> 'to')::time - (v_quiet ->> 'from')::time;
    v_length := v_length + CASE WHEN v_length < '0' THEN interval '24 hours' ELSE '0' END;
    IF v_since < v_length THEN
      RETURN format('quiet hours until %s', say_utc(now() + v_length - v_since));
    END IF;
  END IF;
  IF v_warm_up IS NOT NULL THEN
    v_days := greatest(0, coalesce(floor(extract(epoch FROM now() - d.linked_at) / 86400), 0));
    v_factor := (v_warm_up ->> 'factor')::float;
    -- In floating point, as the worker reckons; beyond e^20 no device comes, and further on the power would overflow.
    IF v_days * ln(v_factor) < 20 THEN
      v_cap := least(v_cap, floor((v_warm_up ->> 'first_day')::float * power(v_factor, v_days))::bigint);
    END IF;
  END IF;
  SELECT t.claimed INTO v_claimed FROM device_days t WHERE t.device_id = d.id AND t.day = v_now::date;
  IF v_claimed >= v_cap THEN
    RETURN format('daily cap of %s reached', v_cap);
  END IF;
  RETURN NULL;
END
$$;
