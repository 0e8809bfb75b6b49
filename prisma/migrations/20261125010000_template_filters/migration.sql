-- Templates know filters (`{{name|upper}}`). A default text that reads like one from now on is written as a default in so
-- many words: `{{mode|upper}}`, which said "upper" to recipients without a mode, becomes `{{mode|default:"upper"}}`. For
-- stored texts and for those of jobs that still send.
CREATE FUNCTION pg_temp.keep_default(p_body text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(p_body,
    '\{\{([^|{}]+)\|\s*((?:upper|lower|capitalize|trim|first_word|truncate|number|currency|date|default)\s*(?::[^"{}|]*)?)\s*\}\}',
    '{{\1|default:"\2"}}', 'g')
$$;
UPDATE "templates" SET "body" = pg_temp.keep_default("body") WHERE "body" <> pg_temp.keep_default("body");
UPDATE "send_messages_jobs" SET "body" = pg_temp.keep_default("body")
WHERE "status" IN ('scheduled', 'pending', 'running', 'paused') AND "body" <> pg_temp.keep_default("body");
