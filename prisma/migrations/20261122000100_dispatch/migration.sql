-- The protocol by which messages move: claim (the fence), outcomes, cancel, retry.
--
-- Lock order everywhere: device -> job -> messages -> lanes. A job's row lock serialises all changes to its messages,
-- counters and lanes, so that counters equal recounts at every commit.
-- In PL/pgSQL each statement takes a fresh snapshot: what is read after the job's lock is what the last holder committed.

-- The state machine of a message, the same as packages/domain/src/messages/state.ts (a test holds them together).
CREATE FUNCTION message_may_become(p_from message_state, p_to message_state) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE p_from
    WHEN 'queued' THEN p_to IN ('sending', 'cancelled', 'skipped')
    WHEN 'retrying' THEN p_to IN ('sending', 'cancelled', 'skipped')
    WHEN 'sending' THEN p_to IN ('sent', 'delivered', 'read', 'retrying', 'failed', 'unknown')
    WHEN 'unknown' THEN p_to IN ('sent', 'delivered', 'read', 'retrying', 'failed')
    WHEN 'sent' THEN p_to IN ('delivered', 'read', 'failed')
    WHEN 'delivered' THEN p_to IN ('read')
    WHEN 'failed' THEN p_to IN ('retrying', 'sent', 'delivered', 'read')
    ELSE false
  END
$$;

-- Messages that will not be tried again.
CREATE FUNCTION job_finished(j send_messages_jobs) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT j.sent + j.failed + j.cancelled + j.skipped + j.unknown - j.settling
$$;

-- Ends a job whose last message has ended. Needs the job's row lock. Mutates.
CREATE FUNCTION complete_job_if_done(p_job uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE send_messages_jobs j
  SET status = 'completed', status_reason = NULL, completed_at = clock_timestamp(), updated_at = clock_timestamp()
  WHERE j.id = p_job AND j.status IN ('pending', 'running', 'paused') AND job_finished(j) = j.total;
  RETURN FOUND;
END
$$;

-- THE FENCE. Picks messages for a device by fair share over its lanes and moves them to `sending`, in one transaction
-- that commits before any side effect. Refuses (SQLSTATE PR001) unless the caller's lease is its own, of this epoch, and
-- valid for at least `p_send_ms` more. Opted-out recipients become `skipped` here, whatever was planned.
--
-- p_limit    the most messages to hand out
-- p_quantum  the most that one lane gets before the next is looked at (fairness within a claim)
-- p_class    `interactive` claims only those, `bulk` claims both, interactive first
CREATE FUNCTION claim_messages(
  p_device int, p_worker uuid, p_epoch int, p_limit int, p_quantum int, p_send_ms int, p_class lane_class
) RETURNS TABLE (
  message_id uuid, job_id uuid, tenant_id int, phone text, text text, variables jsonb, body text,
  attempt smallint, max_attempts smallint, provider_message_id text, unknown_policy unknown_policy, claim_class lane_class
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

    v_take := CASE WHEN v_job.interval_ms > 0 THEN 1 ELSE least(v_left, p_quantum) END;
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
      m.provider_message_id, v_job.unknown_policy, v_job.lane_class
    FROM moved m WHERE NOT m.suppressed;
    GET DIAGNOSTICS v_taken = ROW_COUNT;
    v_left := v_left - v_taken;

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
END
$$;

-- An id of our own choosing, in the form that the provider of this kind of device accepts. WhatsApp Web's own ids of
-- sent messages are `3EB0` and hexadecimal digits.
CREATE FUNCTION new_provider_message_id(p_kind device_kind) RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT CASE p_kind
    WHEN 'whatsapp_web' THEN '3EB0' || upper(left(replace(gen_random_uuid()::text, '-', ''), 18))
    ELSE gen_random_uuid()::text
  END
$$;

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
CREATE FUNCTION apply_outcomes(
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
      sum(e.settles::int - e.was_settling::int)::int AS settling
    FROM effect e GROUP BY e.job_id
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

-- Lanes of these jobs look again when the first retry is due. Needs the jobs' row locks. Mutates.
CREATE FUNCTION wake_lanes(p_jobs uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE lanes l SET ready_at = w.due_at
  FROM (
    SELECT m.job_id, min(m.due_at) AS due_at FROM messages m
    WHERE m.job_id = ANY (p_jobs) AND m.due_at IS NOT NULL GROUP BY m.job_id
  ) w
  WHERE l.job_id = w.job_id AND l.status <> 'closed' AND l.ready_at > w.due_at
$$;

-- Unknown outcomes that no lookup could settle stay unknown for good (policy `hold`). Mutates, returns how many.
CREATE FUNCTION hold_unknown(p_ids text[]) RETURNS TABLE (job_id uuid, held int, job_completed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_job uuid;
BEGIN
  FOR v_job IN
    SELECT j.id FROM send_messages_jobs j
    WHERE j.id IN (SELECT m.job_id FROM messages m WHERE m.provider_message_id = ANY (p_ids)) ORDER BY j.id FOR UPDATE
  LOOP
    UPDATE messages m SET settle_until = NULL, send_by = NULL, finished_at = clock_timestamp()
    WHERE m.provider_message_id = ANY (p_ids) AND m.job_id = v_job AND m.state = 'unknown' AND m.settle_until IS NOT NULL;
    GET DIAGNOSTICS held = ROW_COUNT;
    UPDATE send_messages_jobs j SET settling = j.settling - held, updated_at = clock_timestamp() WHERE j.id = v_job;
    job_id := v_job;
    job_completed := complete_job_if_done(v_job);
    RETURN NEXT;
  END LOOP;
END
$$;

-- However a job came to be cancelled (API or an admin in SQL), its unclaimed messages are to follow.
CREATE FUNCTION note_cancellation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.cancelling := true;
  NEW.completed_at := coalesce(NEW.completed_at, clock_timestamp());
  RETURN NEW;
END
$$;
CREATE TRIGGER send_messages_jobs_note_cancellation BEFORE UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (NEW.status = 'cancelled' AND OLD.status IS DISTINCT FROM 'cancelled')
EXECUTE FUNCTION note_cancellation();

-- Cancels up to `p_limit` messages that no one has claimed, of a job that is `cancelled`. Called until it returns 0: a
-- million rows in one transaction would hold the job's lock, and with it the results of sends under way, for seconds.
CREATE FUNCTION cancel_queued(p_job uuid, p_limit int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_job send_messages_jobs;
  v_count int;
  v_last int;
BEGIN
  SELECT * INTO v_job FROM send_messages_jobs j WHERE j.id = p_job AND j.status = 'cancelled' FOR UPDATE;
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

-- Failed messages of a job get a fresh set of attempts, at the operator's word. Mutates, returns how many.
CREATE FUNCTION retry_failed(p_job uuid) RETURNS int LANGUAGE plpgsql AS $$
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
    WHERE m.job_id = p_job AND m.error_code IS NOT NULL AND m.state = 'failed'
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.error_code
  ), history AS (
    INSERT INTO message_events (at, message_id, job_id, tenant_id, device_id, from_state, to_state, attempt, error_code, detail)
    SELECT clock_timestamp(), m.id, m.job_id, m.tenant_id, m.device_id, 'failed', 'retrying', 0, m.error_code, 'retried by operator'
    FROM moved m
  ), per_lane AS (
    SELECT m.device_id, count(*)::int AS failed FROM moved m GROUP BY m.device_id
  ), lane_counts AS (
    UPDATE lanes l SET failed = l.failed - p.failed FROM per_lane p WHERE l.job_id = p_job AND l.device_id = p.device_id
  )
  SELECT count(*) INTO v_count FROM moved;
  IF v_count > 0 THEN
    UPDATE send_messages_jobs j SET
      failed = j.failed - v_count,
      status = CASE WHEN j.status IN ('completed', 'failed') THEN 'running' ELSE j.status END,
      completed_at = NULL, updated_at = clock_timestamp()
    WHERE j.id = p_job;
    PERFORM wake_lanes(ARRAY[p_job]);
  END IF;
  RETURN v_count;
END
$$;

-- Which lanes of unfinished jobs may send: at most `devices_limit` a job, devices that can send first, those that are
-- already sending before others so that nothing changes without need. Jobs that somebody has locked are left for the
-- next round. Mutates, returns the devices that got an active lane.
CREATE FUNCTION balance_lanes() RETURNS TABLE (device_id int) LANGUAGE sql AS $$
  WITH open_jobs AS MATERIALIZED (
    SELECT j.id, j.devices_limit FROM send_messages_jobs j
    WHERE j.status IN ('pending', 'running')
      AND EXISTS (SELECT 1 FROM lanes l WHERE l.job_id = j.id AND l.status = 'standby')
    ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED
  ), ranked AS (
    SELECT l.job_id, l.device_id, l.status, j.devices_limit, row_number() OVER (
      PARTITION BY l.job_id
      ORDER BY (d.deleted_at IS NULL AND d.state = 'connected' AND coalesce(d.aside_until, '-infinity') < clock_timestamp()) DESC,
        l.status = 'active' DESC, l.device_id
    ) AS rank
    FROM lanes l JOIN open_jobs j ON j.id = l.job_id JOIN devices d ON d.id = l.device_id
    WHERE l.status <> 'closed'
  )
  UPDATE lanes l SET status = CASE WHEN r.rank <= r.devices_limit THEN 'active' ELSE 'standby' END::lane_status
  FROM ranked r
  WHERE l.job_id = r.job_id AND l.device_id = r.device_id
    AND l.status <> CASE WHEN r.rank <= r.devices_limit THEN 'active' ELSE 'standby' END::lane_status
  RETURNING l.device_id
$$;

-- Gives a job its lanes: the named devices, or every device of the tenant that is linked or being linked when
-- `p_devices` is null. Each starts at the least virtual time of its device, so that it neither starves nor hogs.
CREATE FUNCTION open_lanes(p_job uuid, p_devices int[]) RETURNS int LANGUAGE sql AS $$
  WITH chosen AS (
    SELECT d.id, j.lane_class, greatest(j.priority, 1) AS weight, j.devices_limit,
      row_number() OVER (ORDER BY (d.state = 'connected') DESC, (SELECT count(*) FROM lanes l JOIN send_messages_jobs b
        ON b.id = l.job_id WHERE l.device_id = d.id AND l.status = 'active' AND b.status IN ('pending', 'running')), d.id) AS rank,
      coalesce((SELECT min(l.vtime) FROM lanes l JOIN send_messages_jobs b ON b.id = l.job_id
        WHERE l.device_id = d.id AND l.status = 'active' AND l.ready_at < 'infinity' AND b.status IN ('pending', 'running')), 0) AS vtime
    FROM send_messages_jobs j JOIN devices d ON d.tenant_id = j.tenant_id
    WHERE j.id = p_job AND d.deleted_at IS NULL
      AND CASE WHEN p_devices IS NULL THEN d.wanted ELSE d.id = ANY (p_devices) END
      AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.job_id = p_job AND l.device_id = d.id)
  ), made AS (
    INSERT INTO lanes (job_id, device_id, class, weight, status, vtime)
    SELECT p_job, c.id, c.lane_class, c.weight,
      CASE WHEN c.rank + (SELECT count(*) FROM lanes l WHERE l.job_id = p_job AND l.status = 'active') <= c.devices_limit
        THEN 'active' ELSE 'standby' END::lane_status, c.vtime
    FROM chosen c
    ON CONFLICT DO NOTHING
    RETURNING 1
  )
  SELECT count(*)::int FROM made
$$;

-- These touch a few hundred rows of tables that hold millions, always by key. The planner cannot know how many (the
-- number of claims is a parameter), guesses high and reads the whole table for a hash join: cost per message would grow
-- with the backlog. Nothing but index look-ups is right here.
ALTER FUNCTION claim_messages(int, uuid, int, int, int, int, lane_class)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
ALTER FUNCTION apply_outcomes(text[], message_state[], text[], text[], int[], int[], boolean[], timestamptz[])
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
ALTER FUNCTION cancel_queued(uuid, int)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
