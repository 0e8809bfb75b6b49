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
