-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('viewer', 'operator', 'admin');

-- CreateEnum
CREATE TYPE "device_kind" AS ENUM ('whatsapp_web', 'whatsapp_cloud', 'wablas');

-- CreateEnum
CREATE TYPE "connection_state" AS ENUM ('disconnected', 'connecting', 'qr', 'connected', 'error');

-- CreateEnum
CREATE TYPE "browser_context_status" AS ENUM ('available', 'busy', 'disconnected', 'error', 'closed');

-- CreateEnum
CREATE TYPE "worker_status" AS ENUM ('available', 'busy', 'error', 'draining', 'stopped', 'lost');

-- CreateEnum
CREATE TYPE "send_job_kind" AS ENUM ('campaign', 'bulk', 'single');

-- CreateEnum
CREATE TYPE "job_status" AS ENUM ('scheduled', 'pending', 'running', 'completed', 'failed', 'paused', 'cancelled');

-- CreateEnum
CREATE TYPE "lane_class" AS ENUM ('interactive', 'bulk');

-- CreateEnum
CREATE TYPE "lane_status" AS ENUM ('active', 'standby', 'closed');

-- CreateEnum
CREATE TYPE "message_state" AS ENUM ('queued', 'sending', 'retrying', 'unknown', 'sent', 'delivered', 'read', 'failed', 'cancelled', 'skipped');

-- CreateEnum
CREATE TYPE "unknown_policy" AS ENUM ('hold', 'resend', 'drop');

-- CreateEnum
CREATE TYPE "device_command_kind" AS ENUM ('pairing_code', 'logout', 'restart_context', 'close_context', 'set_context_status');

-- CreateEnum
CREATE TYPE "device_command_status" AS ENUM ('waiting', 'running', 'done', 'failed');

-- CreateTable
CREATE TABLE "tenants" (
    "id" SERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "role" "role" NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "status" "worker_status" NOT NULL,
    "error" TEXT,
    "slots" INTEGER NOT NULL,
    "devices" INTEGER NOT NULL DEFAULT 0,
    "memory_mb" INTEGER,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "devices" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "device_kind" NOT NULL,
    "phone" TEXT,
    "wanted" BOOLEAN NOT NULL DEFAULT false,
    "state" "connection_state" NOT NULL DEFAULT 'disconnected',
    "state_reason" TEXT,
    "state_changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "linked" BOOLEAN NOT NULL DEFAULT false,
    "linked_at" TIMESTAMPTZ(3),
    "link_requested_at" TIMESTAMPTZ(3),
    "qr_code" TEXT,
    "qr_at" TIMESTAMPTZ(3),
    "url" TEXT,
    "pacing" JSONB NOT NULL DEFAULT '{}',
    "credentials" BYTEA,
    "credentials_key_id" TEXT,
    "next_send_at" TIMESTAMPTZ(3),
    "aside_until" TIMESTAMPTZ(3),
    "aside_reason" TEXT,
    "lease_worker_id" UUID,
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "devices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_pools" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "device_pools_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_pool_members" (
    "pool_id" INTEGER NOT NULL,
    "device_id" INTEGER NOT NULL,

    CONSTRAINT "device_pool_members_pkey" PRIMARY KEY ("pool_id","device_id")
);

-- CreateTable
CREATE TABLE "browser_context" (
    "id" UUID NOT NULL,
    "browser_system_id" UUID NOT NULL,
    "device_id" INTEGER NOT NULL,
    "worker_id" UUID NOT NULL,
    "status" "browser_context_status" NOT NULL,
    "error" TEXT,
    "pid" INTEGER,
    "memory_mb" INTEGER,
    "sends" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "browser_context_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "device_commands" (
    "id" UUID NOT NULL,
    "device_id" INTEGER NOT NULL,
    "kind" "device_command_kind" NOT NULL,
    "params" JSONB NOT NULL DEFAULT '{}',
    "status" "device_command_status" NOT NULL DEFAULT 'waiting',
    "result" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_commands_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "templates" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "templates_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaigns" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "template_id" UUID,
    "body" TEXT NOT NULL,
    "file_name" TEXT,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "accepted" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "campaigns_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "campaign_rejections" (
    "campaign_id" UUID NOT NULL,
    "line" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "phone" TEXT NOT NULL,

    CONSTRAINT "campaign_rejections_pkey" PRIMARY KEY ("campaign_id","line")
);

-- CreateTable
CREATE TABLE "send_messages_jobs" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "campaign_id" UUID,
    "kind" "send_job_kind" NOT NULL,
    "status" "job_status" NOT NULL DEFAULT 'pending',
    "status_reason" TEXT,
    "lane_class" "lane_class" NOT NULL DEFAULT 'bulk',
    "priority" SMALLINT NOT NULL DEFAULT 5,
    "body" TEXT,
    "devices_limit" INTEGER NOT NULL DEFAULT 5,
    "devices_named" BOOLEAN NOT NULL DEFAULT false,
    "interval_ms" INTEGER NOT NULL DEFAULT 0,
    "max_attempts" SMALLINT NOT NULL DEFAULT 3,
    "unknown_policy" "unknown_policy" NOT NULL DEFAULT 'hold',
    "total" INTEGER NOT NULL DEFAULT 0,
    "next_seq" INTEGER NOT NULL DEFAULT 0,
    "sending" INTEGER NOT NULL DEFAULT 0,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "delivered" INTEGER NOT NULL DEFAULT 0,
    "read" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "unknown" INTEGER NOT NULL DEFAULT 0,
    "settling" INTEGER NOT NULL DEFAULT 0,
    "cancelling" BOOLEAN NOT NULL DEFAULT false,
    "announced_status" "job_status",
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "scheduled_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "send_messages_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lanes" (
    "job_id" UUID NOT NULL,
    "device_id" INTEGER NOT NULL,
    "class" "lane_class" NOT NULL,
    "weight" SMALLINT NOT NULL,
    "status" "lane_status" NOT NULL DEFAULT 'active',
    "vtime" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "ready_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "unknown" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "lanes_pkey" PRIMARY KEY ("job_id","device_id")
);

-- CreateTable
CREATE TABLE "messages" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "phone" TEXT NOT NULL,
    "variables" JSONB,
    "text" TEXT,
    "state" "message_state" NOT NULL DEFAULT 'queued',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "device_id" INTEGER,
    "claim_epoch" INTEGER,
    "provider_message_id" TEXT,
    "send_by" TIMESTAMPTZ(3),
    "settle_until" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "error_code" TEXT,
    "error_detail" TEXT,
    "claimed_at" TIMESTAMPTZ(3),
    "sent_at" TIMESTAMPTZ(3),
    "delivered_at" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "message_events" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "message_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "device_id" INTEGER,
    "from_state" "message_state" NOT NULL,
    "to_state" "message_state" NOT NULL,
    "attempt" SMALLINT NOT NULL,
    "error_code" TEXT,
    "detail" TEXT,

    CONSTRAINT "message_events_pkey" PRIMARY KEY ("id","at")
) PARTITION BY RANGE ("at");

-- CreateTable
CREATE TABLE "suppressions" (
    "tenant_id" INTEGER NOT NULL,
    "phone" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "suppressions_pkey" PRIMARY KEY ("tenant_id","phone")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "tenant_id" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "body" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("tenant_id","key")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenants_slug_key" ON "tenants"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_key_hash_key" ON "api_keys"("key_hash");

-- CreateIndex
CREATE INDEX "api_keys_tenant_id_idx" ON "api_keys"("tenant_id");

-- CreateIndex
CREATE INDEX "workers_heartbeat_at_idx" ON "workers"("heartbeat_at");

-- CreateIndex
CREATE INDEX "devices_tenant_id_id_idx" ON "devices"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "devices_lease_worker_id_idx" ON "devices"("lease_worker_id");

-- CreateIndex
CREATE UNIQUE INDEX "device_pools_tenant_id_name_key" ON "device_pools"("tenant_id", "name");

-- CreateIndex
CREATE INDEX "device_pool_members_device_id_idx" ON "device_pool_members"("device_id");

-- CreateIndex
CREATE UNIQUE INDEX "browser_context_browser_system_id_key" ON "browser_context"("browser_system_id");

-- CreateIndex
CREATE INDEX "browser_context_device_id_created_at_idx" ON "browser_context"("device_id", "created_at");

-- CreateIndex
CREATE INDEX "browser_context_worker_id_idx" ON "browser_context"("worker_id");

-- CreateIndex
CREATE INDEX "device_commands_device_id_created_at_idx" ON "device_commands"("device_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "templates_tenant_id_name_language_key" ON "templates"("tenant_id", "name", "language");

-- CreateIndex
CREATE INDEX "campaigns_tenant_id_created_at_idx" ON "campaigns"("tenant_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "campaigns_tenant_id_slug_key" ON "campaigns"("tenant_id", "slug");

-- CreateIndex
CREATE INDEX "send_messages_jobs_tenant_id_created_at_id_idx" ON "send_messages_jobs"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "send_messages_jobs_campaign_id_idx" ON "send_messages_jobs"("campaign_id");

-- CreateIndex
CREATE UNIQUE INDEX "messages_job_id_seq_key" ON "messages"("job_id", "seq");

-- CreateIndex
CREATE INDEX "message_events_message_id_idx" ON "message_events"("message_id");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE INDEX "audit_log_tenant_id_at_idx" ON "audit_log"("tenant_id", "at" DESC);

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "devices" ADD CONSTRAINT "devices_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_pools" ADD CONSTRAINT "device_pools_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_pool_members" ADD CONSTRAINT "device_pool_members_pool_id_fkey" FOREIGN KEY ("pool_id") REFERENCES "device_pools"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_pool_members" ADD CONSTRAINT "device_pool_members_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "browser_context" ADD CONSTRAINT "browser_context_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "device_commands" ADD CONSTRAINT "device_commands_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "templates" ADD CONSTRAINT "templates_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaigns" ADD CONSTRAINT "campaigns_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "campaign_rejections" ADD CONSTRAINT "campaign_rejections_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaigns"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "send_messages_jobs" ADD CONSTRAINT "send_messages_jobs_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "send_messages_jobs" ADD CONSTRAINT "send_messages_jobs_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaigns"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lanes" ADD CONSTRAINT "lanes_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "send_messages_jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lanes" ADD CONSTRAINT "lanes_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suppressions" ADD CONSTRAINT "suppressions_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

-- The hot table: room on each page so that acks (sent -> delivered -> read), which touch no indexed column, are HOT
-- updates, vacuumed early because a campaign updates every row two to four times.
ALTER TABLE "messages" SET (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
ALTER TABLE "send_messages_jobs" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 50);
ALTER TABLE "lanes" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 50);
ALTER TABLE "devices" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 50);

-- Indexes of the hot table never mention `state`: each names a column that is null on the normal way of a message.
CREATE UNIQUE INDEX "messages_provider_message_id_key" ON "messages" ("provider_message_id") WHERE "provider_message_id" IS NOT NULL;
CREATE INDEX "messages_open_claims_idx" ON "messages" ("device_id") WHERE "send_by" IS NOT NULL;
CREATE INDEX "messages_due_idx" ON "messages" ("job_id", "due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "messages_errors_idx" ON "messages" ("job_id", "seq") WHERE "error_code" IS NOT NULL;

-- Indexes of send_messages_jobs name no counter and not `next_seq`: those change with every claim and must stay HOT.
-- Lanes of a device in the order in which they are served.
CREATE INDEX "lanes_service_idx" ON "lanes" ("device_id", "class", "vtime") WHERE "status" = 'active';
CREATE INDEX "send_messages_jobs_unfinished_idx" ON "send_messages_jobs" ("created_at") WHERE "status" IN ('pending', 'running', 'paused');
CREATE INDEX "send_messages_jobs_announcements_idx" ON "send_messages_jobs" ("id") WHERE "announced_status" IS DISTINCT FROM "status";
CREATE INDEX "send_messages_jobs_cancelling_idx" ON "send_messages_jobs" ("id") WHERE "cancelling";
CREATE INDEX "device_commands_waiting_idx" ON "device_commands" ("device_id", "created_at") WHERE "status" IN ('waiting', 'running');
CREATE INDEX "browser_context_open_idx" ON "browser_context" ("device_id") WHERE "status" <> 'closed';

-- History: one partition a month, made ahead by the reconciler, the default one catches what nobody foresaw.
CREATE INDEX "message_events_at_brin" ON "message_events" USING brin ("at");
CREATE TABLE "message_events_default" PARTITION OF "message_events" DEFAULT;

-- Makes the partition of the month that holds `p_at`. Mutates the catalogue.
CREATE FUNCTION ensure_message_events_partition(p_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_from date := date_trunc('month', p_at AT TIME ZONE 'UTC')::date;
  v_name text := 'message_events_' || to_char(v_from, 'YYYYMM');
BEGIN
  IF to_regclass(v_name) IS NULL THEN
    EXECUTE format(
      'CREATE TABLE IF NOT EXISTS %I PARTITION OF message_events FOR VALUES FROM (%L) TO (%L)',
      v_name, v_from::text || ' 00:00:00+00', (v_from + interval '1 month')::date::text || ' 00:00:00+00'
    );
  END IF;
END
$$;
SELECT ensure_message_events_partition(now()), ensure_message_events_partition(now() + interval '1 month');
