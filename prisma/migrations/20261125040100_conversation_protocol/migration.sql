-- Conversations: what comes in, what is answered, and the figures of both.
--
-- Lock order everywhere: device -> job -> messages -> lanes -> contacts -> conversations -> message_stats.

-- The quarter of an hour that an instant belongs to: days of every time zone of the world are made of whole ones.
CREATE FUNCTION stats_slot(p_at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT date_bin('15 minutes', p_at, timestamptz '2000-01-01 00:00:00+00')
$$;

-- Under which job a message is counted: single sends and replies together, since each is a job of its own.
CREATE FUNCTION stats_job(j send_messages_jobs) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE j.kind WHEN 'single' THEN '00000000-0000-0000-0000-000000000000'::uuid ELSE j.id END
$$;

-- A lane of a single send is of no use once its job has ended. Left active, the lanes of all replies that a device ever
-- sent would be looked at by each claim. `standby` and not `closed`: if the message is tried again, balance_lanes wakes it.
CREATE FUNCTION rest_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lanes l SET status = 'standby' WHERE l.job_id = NEW.id AND l.status = 'active';
  RETURN NULL;
END
$$;
CREATE TRIGGER send_messages_jobs_rest_lanes AFTER UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (NEW.lane_class = 'interactive' AND NEW.status IN ('completed', 'failed', 'cancelled')
  AND OLD.status IS DISTINCT FROM NEW.status)
EXECUTE FUNCTION rest_lanes();
UPDATE lanes l SET status = 'standby' FROM send_messages_jobs j
WHERE j.id = l.job_id AND j.lane_class = 'interactive' AND j.status IN ('completed', 'failed', 'cancelled') AND l.status = 'active';

-- How long the bot keeps quiet after a person has written.
CREATE FUNCTION hand_over_for(p_tenant int) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT s.hand_over_minutes FROM chat_settings s WHERE s.tenant_id = p_tenant), 240) * interval '1 minute'
$$;

-- The contact of a number, made when there is none; learns what they call themselves. Mutates.
CREATE FUNCTION contact_of(p_tenant int, p_phone text, p_pushed_name text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  v_id uuid;
  v_name text;
BEGIN
  SELECT c.id, c.pushed_name INTO v_id, v_name FROM contacts c WHERE c.tenant_id = p_tenant AND c.phone = p_phone;
  IF v_id IS NULL THEN
    INSERT INTO contacts (id, tenant_id, phone, pushed_name) VALUES (gen_random_uuid(), p_tenant, p_phone, p_pushed_name)
    ON CONFLICT (tenant_id, phone) DO UPDATE SET pushed_name = coalesce(EXCLUDED.pushed_name, contacts.pushed_name)
    RETURNING id INTO v_id;
  ELSIF p_pushed_name IS NOT NULL AND p_pushed_name IS DISTINCT FROM v_name THEN
    UPDATE contacts c SET pushed_name = p_pushed_name, updated_at = clock_timestamp() WHERE c.id = v_id;
  END IF;
  RETURN v_id;
END
$$;

-- The number behind a hidden one has become known: what was kept under the hidden one goes on under the number. Left as
-- it is when there is a conversation under the number already: then it stays in the history of its own. Mutates.
CREATE FUNCTION reveal_number(p_tenant int, p_device int, p_hidden text, p_phone text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM conversations c WHERE c.device_id = p_device AND c.phone = p_hidden)
    OR EXISTS (SELECT 1 FROM conversations c WHERE c.device_id = p_device AND c.phone = p_phone) THEN
    RETURN;
  END IF;
  UPDATE contacts c SET phone = p_phone, updated_at = clock_timestamp() WHERE c.tenant_id = p_tenant AND c.phone = p_hidden
    AND NOT EXISTS (SELECT 1 FROM contacts o WHERE o.tenant_id = p_tenant AND o.phone = p_phone);
  UPDATE conversations c SET phone = p_phone, contact_id = contact_of(p_tenant, p_phone, NULL)
  WHERE c.device_id = p_device AND c.phone = p_hidden;
  UPDATE inbound_messages i SET phone = p_phone
  WHERE i.tenant_id = p_tenant AND i.phone = p_hidden AND i.device_id = p_device;
  UPDATE chat_entries e SET phone = p_phone WHERE e.device_id = p_device AND e.phone = p_hidden;
END
$$;

-- One message that came in, or was typed on the phone of the device itself (`p_from_me`): stored once however often it is
-- told, with its contact, its conversation, its place in the history, and the figures. Returns nothing when it is not new.
--
-- p_hidden  what the provider called the number before it was known, or null
CREATE FUNCTION receive_message(
  p_id uuid, p_tenant int, p_device int, p_provider_message_id text, p_phone text, p_hidden text, p_pushed_name text,
  p_type text, p_text text, p_preview text, p_at timestamptz, p_from_me boolean
) RETURNS TABLE (conversation_id uuid, begun boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_last record;
  v_slot timestamptz;
  v_job uuid;
  v_contact uuid;
BEGIN
  -- Our own sends are told by the provider as well.
  IF p_from_me AND EXISTS (SELECT 1 FROM messages m WHERE m.provider_message_id = p_provider_message_id) THEN
    RETURN;
  END IF;
  INSERT INTO inbound_messages (id, tenant_id, device_id, provider_message_id, phone, type, text, at, from_me)
  VALUES (p_id, p_tenant, p_device, p_provider_message_id, p_phone, p_type, p_text, p_at, p_from_me)
  ON CONFLICT (device_id, provider_message_id) DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF p_hidden IS NOT NULL AND p_hidden <> p_phone THEN
    PERFORM reveal_number(p_tenant, p_device, p_hidden, p_phone);
  END IF;

  IF NOT p_from_me THEN
    -- Answered is what was said last before they wrote, and only once.
    SELECT e.id, e.origin INTO v_last FROM chat_entries e
    WHERE e.device_id = p_device AND e.phone = p_phone ORDER BY e.at DESC, e.id DESC LIMIT 1;
    IF v_last.origin <> 'phone' THEN
      UPDATE messages m SET replied_at = p_at FROM send_messages_jobs j
      WHERE m.id = v_last.id AND j.id = m.job_id AND m.replied_at IS NULL AND m.state IN ('sent', 'delivered', 'read')
        AND m.sent_at > p_at - interval '7 days'
      RETURNING stats_slot(m.sent_at), stats_job(j) INTO v_slot, v_job;
    END IF;
  END IF;

  v_contact := contact_of(p_tenant, p_phone, p_pushed_name);
  INSERT INTO conversations AS c (id, tenant_id, device_id, contact_id, phone, unread_count, last_inbound, last_preview,
    last_at, handed_over_until)
  VALUES (gen_random_uuid(), p_tenant, p_device, v_contact, p_phone, CASE WHEN p_from_me THEN 0 ELSE 1 END, NOT p_from_me,
    p_preview, p_at, CASE WHEN p_from_me THEN clock_timestamp() + hand_over_for(p_tenant) END)
  ON CONFLICT (device_id, phone) DO UPDATE SET
    status = 'open',
    unread_count = CASE WHEN p_from_me THEN 0 ELSE c.unread_count + 1 END,
    last_inbound = CASE WHEN p_at >= c.last_at OR c.last_inbound IS NULL THEN NOT p_from_me ELSE c.last_inbound END,
    last_preview = CASE WHEN p_at >= c.last_at OR c.last_inbound IS NULL THEN p_preview ELSE c.last_preview END,
    last_at = greatest(p_at, c.last_at),
    handed_over_until = CASE WHEN p_from_me THEN clock_timestamp() + hand_over_for(p_tenant) ELSE c.handed_over_until END,
    updated_at = clock_timestamp()
  RETURNING c.id, c.xmax = 0 INTO conversation_id, begun;

  UPDATE inbound_messages i SET conversation_id = receive_message.conversation_id WHERE i.id = p_id;
  INSERT INTO chat_entries (device_id, phone, at, id, origin)
  VALUES (p_device, p_phone, p_at, p_id, CASE WHEN p_from_me THEN 'phone'::chat_origin END);
  IF NOT p_from_me THEN
    INSERT INTO message_stats AS s (tenant_id, slot, device_id, job_id, replied, received)
    SELECT p_tenant, g.slot, p_device, g.job, sum(g.replied), sum(g.received)
    FROM (VALUES (v_slot, v_job, 1, 0), (stats_slot(p_at), '00000000-0000-0000-0000-000000000000'::uuid, 0, 1))
      AS g (slot, job, replied, received)
    WHERE g.slot IS NOT NULL
    GROUP BY g.slot, g.job ORDER BY g.slot, g.job
    ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE
      SET replied = s.replied + EXCLUDED.replied, received = s.received + EXCLUDED.received;
  END IF;
  RETURN NEXT;
END
$$;

-- Puts an answer into a conversation: a job of one message on its own device, before all campaigns. A person's answer
-- (`reply`) also marks the conversation as read and keeps the bot quiet for a while. Mutates. Returns when, or null when
-- there is no such conversation.
CREATE FUNCTION place_answer(
  p_conversation uuid, p_job uuid, p_message uuid, p_text text, p_content jsonb, p_preview text, p_origin chat_origin,
  p_by text, p_past_opt_out boolean
) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  v_conversation conversations;
  v_at timestamptz(3) := clock_timestamp();
BEGIN
  SELECT * INTO v_conversation FROM conversations c WHERE c.id = p_conversation;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO send_messages_jobs (id, tenant_id, kind, status, lane_class, priority, content, devices_limit, devices_named,
    max_attempts, total, created_by, conversation_id, past_opt_out)
  VALUES (p_job, v_conversation.tenant_id, 'single', 'pending', 'interactive', 10, p_content, 1, true, 3, 1, p_by,
    p_conversation, p_past_opt_out);
  INSERT INTO messages (id, tenant_id, job_id, seq, phone, text)
  VALUES (p_message, v_conversation.tenant_id, p_job, 1, v_conversation.phone, p_text);
  PERFORM open_lanes(p_job, ARRAY[v_conversation.device_id]);
  UPDATE conversations c SET
    status = CASE WHEN p_origin = 'reply' THEN 'open' ELSE c.status END,
    unread_count = CASE WHEN p_origin = 'reply' THEN 0 ELSE c.unread_count END,
    last_inbound = false, last_preview = p_preview, last_at = greatest(v_at, c.last_at),
    handed_over_until = CASE WHEN p_origin = 'reply' THEN v_at + hand_over_for(c.tenant_id) ELSE c.handed_over_until END,
    updated_at = clock_timestamp()
  WHERE c.id = p_conversation;
  INSERT INTO chat_entries (device_id, phone, at, id, origin)
  VALUES (v_conversation.device_id, v_conversation.phone, v_at, p_message, p_origin);
  RETURN v_at;
END
$$;


-- The fence again: an answer to somebody who has written since they opted out goes through.
CREATE OR REPLACE FUNCTION claim_messages(
  p_device int, p_worker uuid, p_epoch int, p_limit int, p_quantum int, p_send_ms int, p_class lane_class,
  p_day date DEFAULT NULL, p_daily_cap int DEFAULT NULL
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

  IF p_day IS NOT NULL AND v_total > 0 THEN
    INSERT INTO device_days (device_id, day, claimed) VALUES (p_device, p_day, v_total)
    ON CONFLICT ON CONSTRAINT device_days_pkey DO UPDATE SET claimed = device_days.claimed + v_total;
  END IF;
END
$$;

ALTER FUNCTION claim_messages(int, uuid, int, int, int, int, lane_class, date, int)
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;

-- Outcomes again, see the first of this name: now also with the place of a message in the history, and with the figures
-- of the quarter of an hour in which it was sent, or failed.
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

ALTER FUNCTION apply_outcomes(text[], message_state[], text[], text[], int[], int[], boolean[], timestamptz[])
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;

-- Failed messages of a job get a fresh set of attempts, at the operator's word, and do not count as failed any more.
-- Mutates, returns how many.
CREATE OR REPLACE FUNCTION retry_failed(p_job uuid) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_count int;
BEGIN
  PERFORM 1 FROM send_messages_jobs j
  WHERE j.id = p_job AND j.status IN ('pending', 'running', 'paused', 'completed', 'failed') FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  WITH old AS (
    SELECT m.id, m.finished_at FROM messages m
    WHERE m.job_id = p_job AND m.error_code IS NOT NULL AND m.state = 'failed' FOR UPDATE
  ), moved AS (
    UPDATE messages m SET state = 'retrying', due_at = clock_timestamp(), attempts = 0, finished_at = NULL
    FROM old o WHERE m.id = o.id
    RETURNING m.id, m.job_id, m.tenant_id, m.device_id, m.error_code, o.finished_at AS failed_at
  ), stats AS (
    INSERT INTO message_stats AS s (tenant_id, slot, device_id, job_id, failed)
    SELECT m.tenant_id, stats_slot(m.failed_at), m.device_id, stats_job(j), -count(*)
    FROM moved m JOIN send_messages_jobs j ON j.id = m.job_id
    WHERE m.device_id IS NOT NULL AND m.failed_at IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE SET failed = s.failed + EXCLUDED.failed
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


-- What was there before: history and figures of messages that were sent, conversations of those who wrote.
INSERT INTO chat_entries (device_id, phone, at, id, origin)
SELECT m.device_id, m.phone, m.sent_at, m.id, CASE j.kind WHEN 'single' THEN 'single' ELSE 'campaign' END::chat_origin
FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id WHERE m.sent_at IS NOT NULL AND m.device_id IS NOT NULL;

INSERT INTO message_stats (tenant_id, slot, device_id, job_id, sent, delivered, read, failed)
SELECT m.tenant_id, stats_slot(CASE m.state WHEN 'failed' THEN m.finished_at ELSE m.sent_at END), m.device_id, stats_job(j),
  count(*) FILTER (WHERE m.state <> 'failed'), count(*) FILTER (WHERE m.state IN ('delivered', 'read')),
  count(*) FILTER (WHERE m.state = 'read'), count(*) FILTER (WHERE m.state = 'failed')
FROM messages m JOIN send_messages_jobs j ON j.id = m.job_id
WHERE m.state IN ('sent', 'delivered', 'read', 'failed') AND m.device_id IS NOT NULL
  AND CASE m.state WHEN 'failed' THEN m.finished_at ELSE m.sent_at END IS NOT NULL
GROUP BY 1, 2, 3, 4;

INSERT INTO message_stats AS s (tenant_id, slot, device_id, job_id, received)
SELECT i.tenant_id, stats_slot(i.at), i.device_id, '00000000-0000-0000-0000-000000000000', count(*)
FROM inbound_messages i GROUP BY 1, 2, 3
ON CONFLICT ON CONSTRAINT message_stats_pkey DO UPDATE SET received = s.received + EXCLUDED.received;

INSERT INTO contacts (id, tenant_id, phone)
SELECT gen_random_uuid(), i.tenant_id, i.phone FROM inbound_messages i GROUP BY i.tenant_id, i.phone;
INSERT INTO conversations (id, tenant_id, device_id, contact_id, phone, last_inbound, last_preview, last_at, created_at)
SELECT DISTINCT ON (i.device_id, i.phone) gen_random_uuid(), i.tenant_id, i.device_id, c.id, i.phone, true,
  left(coalesce(i.text, '[' || i.type || ']'), 120), i.at, i.created_at
FROM inbound_messages i JOIN contacts c ON c.tenant_id = i.tenant_id AND c.phone = i.phone
ORDER BY i.device_id, i.phone, i.at DESC;
UPDATE inbound_messages i SET conversation_id = c.id FROM conversations c WHERE c.device_id = i.device_id AND c.phone = i.phone;
INSERT INTO chat_entries (device_id, phone, at, id) SELECT i.device_id, i.phone, i.at, i.id FROM inbound_messages i;
