-- CreateEnum
CREATE TYPE "notification_event" AS ENUM ('completed', 'failed', 'paused', 'step', 'test');

-- CreateEnum
CREATE TYPE "notification_channel" AS ENUM ('email', 'webhook');

-- CreateEnum
CREATE TYPE "notification_status" AS ENUM ('pending', 'sending', 'sent', 'failed');

-- AlterTable
ALTER TABLE "tenant_settings" ADD COLUMN     "emails" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "events" "notification_event"[] NOT NULL DEFAULT ARRAY['completed', 'failed', 'paused']::"notification_event"[],
ADD COLUMN     "language" TEXT NOT NULL DEFAULT 'es',
ADD COLUMN     "webhook_url" TEXT;

-- CreateTable
CREATE TABLE "job_notify" (
    "job_id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_type" "job_type" NOT NULL,
    "emails" TEXT[] NOT NULL,
    "webhook_url" TEXT,
    "events" "notification_event"[] NOT NULL,

    CONSTRAINT "job_notify_pkey" PRIMARY KEY ("job_id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID,
    "job_type" "job_type",
    "step_id" UUID,
    "event" "notification_event" NOT NULL,
    "channel" "notification_channel" NOT NULL,
    "recipient" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "status" "notification_status" NOT NULL DEFAULT 'pending',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notifications_tenant_id_created_at_id_idx" ON "notifications"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "notifications_job_id_idx" ON "notifications"("job_id");


-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

ALTER TABLE "job_notify" ADD CONSTRAINT "job_notify_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
CREATE INDEX "notifications_due_idx" ON "notifications" ("next_attempt_at") WHERE "status" IN ('pending', 'sending');

-- Writes what is to be told, in the transaction of the change that it is about: told if the change is, once for each
-- recipient however often they are named. Mutates.
CREATE FUNCTION notify_job(
  p_tenant int, p_job uuid, p_type job_type, p_step uuid, p_event notification_event, p_data jsonb
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO notifications (id, tenant_id, job_id, job_type, step_id, event, channel, recipient, language, data)
  SELECT new_uuid_v7(), p_tenant, p_job, p_type, p_step, p_event, r.channel, r.recipient,
    coalesce((SELECT s.language FROM tenant_settings s WHERE s.tenant_id = p_tenant), 'es'), p_data
  FROM (
    SELECT DISTINCT r.channel, r.recipient FROM (
      SELECT n.emails, n.webhook_url, n.events FROM job_notify n WHERE n.job_id = p_job
      UNION ALL
      SELECT s.emails, s.webhook_url, s.events FROM tenant_settings s WHERE s.tenant_id = p_tenant
    ) n CROSS JOIN LATERAL (
      SELECT 'email'::notification_channel, unnest(n.emails)
      UNION ALL
      SELECT 'webhook', n.webhook_url WHERE n.webhook_url IS NOT NULL
    ) r (channel, recipient)
    WHERE p_event = ANY (n.events)
  ) r
$$;

-- Whether anybody is to be told of such a thing: two look-ups by key.
CREATE FUNCTION notification_wanted(p_tenant int, p_job uuid, p_event notification_event) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM job_notify n WHERE n.job_id = p_job AND p_event = ANY (n.events))
    OR EXISTS (SELECT 1 FROM tenant_settings s WHERE s.tenant_id = p_tenant AND p_event = ANY (s.events))
$$;

CREATE FUNCTION note_sends_for_notifications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF notification_wanted(NEW.tenant_id, NEW.id, NEW.status::text::notification_event) THEN
    PERFORM notify_job(NEW.tenant_id, NEW.id, 'send_messages', NULL, NEW.status::text::notification_event, jsonb_build_object(
      'name', (SELECT c.name FROM campaigns c WHERE c.id = NEW.campaign_id), 'status', NEW.status,
      'status_reason', NEW.status_reason, 'total', NEW.total, 'sent', NEW.sent, 'delivered', NEW.delivered,
      'read', NEW.read, 'failed', NEW.failed, 'cancelled', NEW.cancelled, 'skipped', NEW.skipped, 'unknown', NEW.unknown,
      'created_by', NEW.created_by, 'started_at', NEW.started_at, 'completed_at', NEW.completed_at));
  END IF;
  RETURN NULL;
END
$$;
-- Of pauses only those that nobody has made: who pauses a job knows it.
CREATE TRIGGER send_messages_jobs_notifications AFTER UPDATE OF status ON send_messages_jobs
FOR EACH ROW WHEN (
  NEW.status IS DISTINCT FROM OLD.status AND NEW.lane_class = 'bulk'
  AND (NEW.status IN ('completed', 'failed') OR (NEW.status = 'paused' AND NEW.status_reason NOT LIKE 'paused by %'))
) EXECUTE FUNCTION note_sends_for_notifications();

CREATE FUNCTION note_scraping_for_notifications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF notification_wanted(NEW.tenant_id, NEW.id, NEW.status::text::notification_event) THEN
    PERFORM notify_job(NEW.tenant_id, NEW.id, 'batch_scraping', NULL, NEW.status::text::notification_event, jsonb_build_object(
      'name', NEW.name, 'status', NEW.status, 'status_reason', NEW.status_reason, 'total', NEW.total,
      'completed', NEW.completed, 'failed', NEW.failed, 'cancelled', NEW.cancelled, 'skipped', NEW.skipped,
      'created_by', NEW.created_by, 'started_at', NEW.started_at, 'completed_at', NEW.completed_at));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER scraping_jobs_notifications AFTER UPDATE OF status ON scraping_jobs
FOR EACH ROW WHEN (
  NEW.status IS DISTINCT FROM OLD.status
  AND (NEW.status IN ('completed', 'failed') OR (NEW.status = 'paused' AND NEW.status_reason NOT LIKE 'paused by %'))
) EXECUTE FUNCTION note_scraping_for_notifications();

CREATE FUNCTION note_steps_for_notifications() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF notification_wanted(NEW.tenant_id, NEW.job_id, 'step') THEN
    PERFORM notify_job(NEW.tenant_id, NEW.job_id, 'batch_scraping', NEW.id, 'step', jsonb_build_object(
      'name', (SELECT j.name FROM scraping_jobs j WHERE j.id = NEW.job_id), 'step', NEW.name, 'step_number', NEW.step_number,
      'status', NEW.status, 'error_code', NEW.error_code, 'error_message', NEW.error_message,
      'title', NEW.result_data -> 'title', 'http_status', NEW.result_data -> 'http_status',
      'started_at', NEW.started_at, 'completed_at', NEW.completed_at));
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER scraping_steps_notifications AFTER UPDATE OF status ON scraping_steps
FOR EACH ROW WHEN (NEW.status IS DISTINCT FROM OLD.status AND NEW.status IN ('completed', 'failed', 'skipped'))
EXECUTE FUNCTION note_steps_for_notifications();

-- Hands out what is due to a worker that can send it. Who has not reported within `p_lease_ms` counts as lost, and it is
-- handed out again: under the same id, by which recipients know a repetition. Mutates.
CREATE FUNCTION claim_notifications(p_channels notification_channel[], p_limit int, p_lease_ms int)
RETURNS SETOF notifications LANGUAGE sql AS $$
  UPDATE notifications n SET
    status = 'sending', attempts = n.attempts + 1,
    next_attempt_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
  FROM (
    SELECT d.id FROM notifications d
    WHERE d.status IN ('pending', 'sending') AND d.next_attempt_at <= clock_timestamp() AND d.channel = ANY (p_channels)
    ORDER BY d.next_attempt_at LIMIT p_limit FOR UPDATE SKIP LOCKED
  ) due
  WHERE n.id = due.id
  RETURNING n.*
$$;
