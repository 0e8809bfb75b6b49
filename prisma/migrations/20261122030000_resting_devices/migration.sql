-- `v_stuck` learns of quiet hours and daily caps. The rules are those of packages/domain/src/pacing (a test holds them
-- together), by the limits that are stored for the device.

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
  IF d.next_send_at > now() THEN
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
