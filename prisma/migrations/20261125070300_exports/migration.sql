-- CreateEnum
CREATE TYPE "export_status" AS ENUM ('pending', 'running', 'completed', 'failed');

-- CreateTable
CREATE TABLE "exports" (
    "id" UUID NOT NULL,
    "tenant_id" INTEGER NOT NULL,
    "job_id" UUID NOT NULL,
    "job_type" "job_type" NOT NULL,
    "masked" BOOLEAN NOT NULL,
    "language" TEXT NOT NULL,
    "status" "export_status" NOT NULL DEFAULT 'pending',
    "attempts" SMALLINT NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "blob_key" TEXT,
    "bytes" INTEGER,
    "error" TEXT,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completed_at" TIMESTAMPTZ(3),

    CONSTRAINT "exports_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "exports_tenant_id_created_at_id_idx" ON "exports"("tenant_id", "created_at" DESC, "id" DESC);


ALTER TABLE "exports" ADD CONSTRAINT "exports_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenants"("id") ON DELETE CASCADE;
CREATE INDEX "exports_due_idx" ON "exports" ("lease_until") WHERE "status" IN ('pending', 'running');
