-- CreateEnum
CREATE TYPE "conversation_status" AS ENUM ('open', 'closed');

-- CreateEnum
CREATE TYPE "chat_origin" AS ENUM ('campaign', 'reply', 'bot', 'single', 'phone');

-- CreateEnum
CREATE TYPE "media_type" AS ENUM ('image', 'video', 'audio', 'document', 'sticker');

-- CreateEnum
CREATE TYPE "media_state" AS ENUM ('pending', 'ready', 'failed');

-- CreateEnum
CREATE TYPE "bot_rule_kind" AS ENUM ('keyword', 'away', 'welcome');

-- CreateEnum
CREATE TYPE "bot_match" AS ENUM ('exact', 'starts_with', 'contains');

-- AlterEnum
ALTER TYPE "device_command_kind" ADD VALUE 'mark_read';

-- AlterTable
ALTER TABLE "send_messages_jobs" ADD COLUMN     "conversation_id" UUID,
ADD COLUMN     "past_opt_out" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "replied_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "inbound_messages" ADD COLUMN     "conversation_id" UUID,
ADD COLUMN     "from_me" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "media_id" UUID;

-- CreateTable
CREATE TABLE "contacts" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "phone" TEXT NOT NULL,
    "name" TEXT,
    "pushed_name" TEXT,
    "notes" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversations" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "device_id" INTEGER NOT NULL,
    "contact_id" UUID NOT NULL,
    "phone" TEXT NOT NULL,
    "status" "conversation_status" NOT NULL DEFAULT 'open',
    "unread_count" INTEGER NOT NULL DEFAULT 0,
    "last_inbound" BOOLEAN,
    "last_preview" TEXT,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handed_over_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chat_entries" (
    "device_id" INTEGER NOT NULL,
    "phone" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "id" UUID NOT NULL,
    "origin" "chat_origin",

    CONSTRAINT "chat_entries_pkey" PRIMARY KEY ("device_id","phone","at","id")
);

-- CreateTable
CREATE TABLE "chat_media" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "device_id" INTEGER,
    "inbound_id" UUID,
    "type" "media_type" NOT NULL,
    "content_type" TEXT NOT NULL,
    "filename" TEXT,
    "bytes" INTEGER,
    "storage_key" TEXT,
    "state" "media_state" NOT NULL DEFAULT 'pending',
    "error" TEXT,
    "provider_ref" TEXT,
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chat_media_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chat_settings" (
    "tenant_id" INTEGER NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "business_hours" JSONB NOT NULL DEFAULT '[]',
    "opt_out_words" JSONB,
    "opt_out_reply" TEXT,
    "hand_over_minutes" INTEGER NOT NULL DEFAULT 240,
    "bot_replies_per_hour" INTEGER NOT NULL DEFAULT 10,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "chat_settings_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "bot_devices" (
    "device_id" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bot_devices_pkey" PRIMARY KEY ("device_id")
);

-- CreateTable
CREATE TABLE "bot_rules" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kind" "bot_rule_kind" NOT NULL,
    "keywords" JSONB NOT NULL DEFAULT '[]',
    "match" "bot_match" NOT NULL DEFAULT 'contains',
    "reply" TEXT NOT NULL,
    "device_ids" JSONB,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "position" INTEGER NOT NULL DEFAULT 100,
    "cooldown_minutes" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bot_rules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "bot_answers" (
    "inbound_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "rule_id" UUID,
    "job_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bot_answers_pkey" PRIMARY KEY ("inbound_id")
);

-- CreateTable
CREATE TABLE "message_stats" (
    "tenant_id" INTEGER NOT NULL,
    "slot" TIMESTAMPTZ(0) NOT NULL,
    "device_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "delivered" INTEGER NOT NULL DEFAULT 0,
    "read" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "replied" INTEGER NOT NULL DEFAULT 0,
    "received" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "message_stats_pkey" PRIMARY KEY ("tenant_id","slot","device_id","job_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "contacts_tenant_id_phone_key" ON "contacts"("tenant_id", "phone");

-- CreateIndex
CREATE INDEX "conversations_tenant_id_last_at_id_idx" ON "conversations"("tenant_id", "last_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_contact_id_idx" ON "conversations"("contact_id");

-- CreateIndex
CREATE UNIQUE INDEX "conversations_device_id_phone_key" ON "conversations"("device_id", "phone");

-- CreateIndex
CREATE INDEX "bot_rules_tenant_id_position_idx" ON "bot_rules"("tenant_id", "position");

-- CreateIndex
CREATE INDEX "bot_answers_conversation_id_at_idx" ON "bot_answers"("conversation_id", "at");

-- CreateIndex
CREATE INDEX "message_stats_job_id_idx" ON "message_stats"("job_id");



-- ---------------------------------------------------------------------------------------------------------------------
-- What Prisma's schema language cannot say.

ALTER TABLE "contacts" ADD CONSTRAINT "contacts_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id");
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_contact_id_fkey" FOREIGN KEY ("contact_id") REFERENCES "contacts"("id"),
  ADD CONSTRAINT "conversations_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id");
ALTER TABLE "chat_media" ADD CONSTRAINT "chat_media_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id");
ALTER TABLE "chat_settings" ADD CONSTRAINT "chat_settings_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id");
ALTER TABLE "bot_devices" ADD CONSTRAINT "bot_devices_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE;
ALTER TABLE "bot_rules" ADD CONSTRAINT "bot_rules_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id");

-- Updated with every batch of outcomes and every message that comes in.
ALTER TABLE "message_stats" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE "conversations" SET (fillfactor = 80);

CREATE INDEX "conversations_unread_idx" ON "conversations" ("tenant_id", "last_at" DESC, "id" DESC) WHERE "unread_count" > 0;
CREATE INDEX "conversations_open_idx" ON "conversations" ("tenant_id") WHERE "status" = 'open';
CREATE INDEX "contacts_phone_prefix_idx" ON "contacts" ("tenant_id", "phone" text_pattern_ops);
CREATE INDEX "chat_media_pending_idx" ON "chat_media" ("device_id", "next_try_at") WHERE "state" = 'pending';
CREATE INDEX "chat_media_inbound_idx" ON "chat_media" ("inbound_id") WHERE "inbound_id" IS NOT NULL;

-- Replies are jobs of one message each, far more of them than of all others: lists and announcements pass them by.
CREATE INDEX "send_messages_jobs_listed_idx" ON "send_messages_jobs" ("tenant_id", "created_at" DESC, "id" DESC) WHERE "conversation_id" IS NULL;
DROP INDEX "send_messages_jobs_announcements_idx";
CREATE INDEX "send_messages_jobs_announcements_idx" ON "send_messages_jobs" ("id") WHERE "announced_status" IS DISTINCT FROM "status" AND "conversation_id" IS NULL;
