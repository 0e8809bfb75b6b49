-- CreateEnum
CREATE TYPE "schedule_target" AS ENUM ('campaign', 'batch_scraping');

-- CreateEnum
CREATE TYPE "missed_policy" AS ENUM ('skip', 'catch_up');

-- CreateEnum
CREATE TYPE "overlap_policy" AS ENUM ('allow', 'skip');

-- CreateEnum
CREATE TYPE "schedule_run_status" AS ENUM ('started', 'skipped', 'failed');

-- CreateTable
CREATE TABLE "schedules" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "target" "schedule_target" NOT NULL,
    "campaign_id" UUID,
    "source_job_id" UUID,
    "run_at" TIMESTAMPTZ(3),
    "cron" TEXT,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "missed" "missed_policy" NOT NULL DEFAULT 'catch_up',
    "overlap" "overlap_policy" NOT NULL DEFAULT 'allow',
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "next_run_at" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schedules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedule_runs" (
    "id" UUID NOT NULL,
    "schedule_id" UUID NOT NULL,
    "planned_at" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" "schedule_run_status" NOT NULL,
    "missed" INTEGER NOT NULL DEFAULT 0,
    "job_id" UUID,
    "reason" TEXT,
    "actor" TEXT,

    CONSTRAINT "schedule_runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "schedules_tenant_id_created_at_id_idx" ON "schedules"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "schedule_runs_schedule_id_planned_at_key" ON "schedule_runs"("schedule_id", "planned_at");

-- AddForeignKey
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_schedule_id_fkey" FOREIGN KEY ("schedule_id") REFERENCES "schedules"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

ALTER TABLE "schedules" ADD CONSTRAINT "schedules_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT;
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaigns"("id") ON DELETE CASCADE;
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_one_timing" CHECK (("run_at" IS NULL) <> ("cron" IS NULL));
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_one_target"
  CHECK (CASE "target" WHEN 'campaign' THEN "campaign_id" IS NOT NULL ELSE "source_job_id" IS NOT NULL END);
CREATE INDEX "schedules_due_idx" ON "schedules" ("next_run_at") WHERE "next_run_at" IS NOT NULL;

-- A UUID of version 7, as the API makes them: rows of one moment lie together in the indexes.
CREATE FUNCTION new_uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1),
    'hex')::uuid
$$;

-- Another run of a job: the same messages to the same people from the same devices. Who has opted out since is in it as
-- `skipped`, before everybody else: what lies above `next_seq` is queued, all of it. Mutates, returns how many are queued.
-- Raises PR002 when there is nobody to write to, PR003 when the devices that were named are gone.
CREATE FUNCTION clone_job(p_source uuid, p_job uuid, p_created_by text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_source send_messages_jobs;
  v_devices int[];
  v_total int;
  v_skipped int;
BEGIN
  SELECT * INTO v_source FROM send_messages_jobs j WHERE j.id = p_source;
  IF v_source.devices_named THEN
    SELECT array_agg(l.device_id) INTO v_devices
    FROM lanes l JOIN devices d ON d.id = l.device_id WHERE l.job_id = p_source AND d.deleted_at IS NULL;
    IF v_devices IS NULL THEN
      RAISE EXCEPTION 'the devices that were named for it are gone' USING ERRCODE = 'PR003';
    END IF;
  END IF;

  WITH audience AS (
    SELECT m.phone, m.variables, m.text, s.phone IS NOT NULL AS suppressed,
      (row_number() OVER (ORDER BY s.phone IS NULL, m.seq))::int AS seq
    FROM messages m
    LEFT JOIN suppressions s ON s.tenant_id = m.tenant_id AND s.phone = m.phone
    WHERE m.job_id = p_source
  ), made AS (
    INSERT INTO messages (id, tenant_id, job_id, seq, phone, variables, text, state, error_code, finished_at)
    SELECT new_uuid_v7(), v_source.tenant_id, p_job, a.seq, a.phone, a.variables, a.text,
      CASE WHEN a.suppressed THEN 'skipped' ELSE 'queued' END::message_state,
      CASE WHEN a.suppressed THEN 'opted_out' END, CASE WHEN a.suppressed THEN clock_timestamp() END
    FROM audience a ORDER BY a.seq
    RETURNING id, tenant_id, state
  ), history AS (
    INSERT INTO message_events (at, message_id, job_id, tenant_id, from_state, to_state, attempt, error_code)
    SELECT clock_timestamp(), m.id, p_job, m.tenant_id, 'queued', 'skipped', 0, 'opted_out' FROM made m WHERE m.state = 'skipped'
  )
  SELECT count(*), count(*) FILTER (WHERE m.state = 'skipped') INTO v_total, v_skipped FROM made m;
  IF v_total = v_skipped THEN
    RAISE EXCEPTION 'nobody is left to write to' USING ERRCODE = 'PR002';
  END IF;

  INSERT INTO send_messages_jobs (id, tenant_id, campaign_id, kind, status, lane_class, priority, body, devices_limit,
    devices_named, interval_ms, max_attempts, content, max_concurrent, batch_size, auto_pause, unknown_policy, total, next_seq,
    skipped, created_by, updated_at)
  VALUES (p_job, v_source.tenant_id, v_source.campaign_id, v_source.kind, 'pending', v_source.lane_class, v_source.priority,
    v_source.body, v_source.devices_limit, v_source.devices_named, v_source.interval_ms, v_source.max_attempts,
    v_source.content, v_source.max_concurrent, v_source.batch_size, v_source.auto_pause, v_source.unknown_policy, v_total,
    v_skipped, v_skipped, p_created_by, clock_timestamp());
  PERFORM open_lanes(p_job, v_devices);
  RETURN v_total - v_skipped;
END
$$;

-- Another run of a scraping job: the same domains with the same settings. It begins where the least served of the active
-- jobs stands. Mutates, returns how many domains.
CREATE FUNCTION clone_scraping_job(p_source uuid, p_job uuid, p_created_by text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_total int;
BEGIN
  INSERT INTO scraping_jobs (id, tenant_id, name, description, config, priority, total, created_by, vtime, updated_at)
  SELECT p_job, j.tenant_id, j.name, j.description, j.config, j.priority, j.total, p_created_by,
    coalesce((SELECT min(a.vtime) FROM scraping_jobs a WHERE a.status IN ('pending', 'running')), 0), clock_timestamp()
  FROM scraping_jobs j WHERE j.id = p_source;
  INSERT INTO scraping_steps (id, tenant_id, job_id, step_number, name, host, url)
  SELECT new_uuid_v7(), s.tenant_id, p_job, s.step_number, s.name, s.host, s.url FROM scraping_steps s
  WHERE s.job_id = p_source ORDER BY s.step_number;
  GET DIAGNOSTICS v_total = ROW_COUNT;
  IF v_total = 0 THEN
    RAISE EXCEPTION 'the batch job that it repeats is not there any more' USING ERRCODE = 'PR002';
  END IF;
  RETURN v_total;
END
$$;
