-- CreateEnum
CREATE TYPE "scraping_step_status" AS ENUM ('pending', 'running', 'completed', 'failed', 'cancelled', 'skipped');

-- CreateEnum
CREATE TYPE "job_type" AS ENUM ('batch_scraping', 'send_messages');

-- CreateTable
CREATE TABLE "scraping_jobs" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "name" TEXT,
    "description" TEXT,
    "status" "job_status" NOT NULL DEFAULT 'pending',
    "status_reason" TEXT,
    "config" JSONB NOT NULL,
    "priority" SMALLINT NOT NULL DEFAULT 5,
    "total" INTEGER NOT NULL DEFAULT 0,
    "running" INTEGER NOT NULL DEFAULT 0,
    "completed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "cancelled" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "vtime" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "ready_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "cancelling" BOOLEAN NOT NULL DEFAULT false,
    "announced_status" "job_status",
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "scheduled_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scraping_jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scraping_steps" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "step_number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "status" "scraping_step_status" NOT NULL DEFAULT 'pending',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "losses" SMALLINT NOT NULL DEFAULT 0,
    "worker_id" UUID,
    "claim_id" UUID,
    "claim_expires_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "result_data" JSONB,
    "error_code" TEXT,
    "error_message" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "scraping_steps_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scraping_hosts" (
    "host" TEXT NOT NULL,
    "next_visit_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scraping_hosts_pkey" PRIMARY KEY ("host")
);

-- CreateTable
CREATE TABLE "reports" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "screenshot_key" TEXT,
    "thumbnail_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_comments" (
    "id" SERIAL NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "job_type" "job_type" NOT NULL,
    "author" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "job_comments_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "scraping_jobs_tenant_id_created_at_id_idx" ON "scraping_jobs"("tenant_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "scraping_steps_claim_id_key" ON "scraping_steps"("claim_id");

-- CreateIndex
CREATE UNIQUE INDEX "scraping_steps_job_id_step_number_key" ON "scraping_steps"("job_id", "step_number");

-- CreateIndex
CREATE INDEX "reports_tenant_id_domain_created_at_idx" ON "reports"("tenant_id", "domain", "created_at" DESC);

-- CreateIndex
CREATE INDEX "reports_job_id_idx" ON "reports"("job_id");

-- CreateIndex
CREATE INDEX "job_comments_job_id_id_idx" ON "job_comments"("job_id", "id");


ALTER TABLE scraping_jobs
  ADD CONSTRAINT scraping_jobs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT,
  ADD CONSTRAINT scraping_jobs_priority_check CHECK (priority BETWEEN 0 AND 10);
ALTER TABLE scraping_steps
  ADD CONSTRAINT scraping_steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES scraping_jobs (id) ON DELETE CASCADE,
  -- A claim is all of its parts or none, and only what runs is claimed.
  ADD CONSTRAINT scraping_steps_claim_check
    CHECK ((status = 'running') = (claim_id IS NOT NULL) AND (claim_id IS NULL) = (claim_expires_at IS NULL));
ALTER TABLE reports
  ADD CONSTRAINT reports_id_fkey FOREIGN KEY (id) REFERENCES scraping_steps (id) ON DELETE CASCADE;
ALTER TABLE job_comments
  ADD CONSTRAINT job_comments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT;

-- Jobs that work: what every claim looks through.
CREATE INDEX scraping_jobs_active_idx ON scraping_jobs (vtime, id) WHERE status IN ('pending', 'running');
CREATE INDEX scraping_jobs_cancelling_idx ON scraping_jobs (id) WHERE cancelling;
CREATE INDEX scraping_jobs_owed_idx ON scraping_jobs (id) WHERE announced_status IS DISTINCT FROM status;
CREATE INDEX scraping_jobs_tenant_status_idx ON scraping_jobs (tenant_id, status);
-- Steps that wait, in the order of their job.
CREATE INDEX scraping_steps_pending_idx ON scraping_steps (job_id, step_number) WHERE status = 'pending';
-- Claims under way, the oldest first.
CREATE INDEX scraping_steps_claims_idx ON scraping_steps (claim_expires_at) WHERE claim_id IS NOT NULL;
-- Lists of the steps that failed, were skipped, …: of a job's steps a filter may leave few.
CREATE INDEX scraping_steps_ended_idx ON scraping_steps (job_id, status, step_number);
ALTER TABLE scraping_steps SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
