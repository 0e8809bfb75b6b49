-- What a gateway calls our messages, for those whose webhooks know no other name. A table of its own: the hot table gets no
-- further index, and messages of other channels no row.
CREATE TABLE "provider_refs" (
    "device_id" INTEGER NOT NULL,
    "ref" TEXT NOT NULL,
    "provider_message_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "provider_refs_pkey" PRIMARY KEY ("device_id","ref")
);

-- They come in the order of time and go in it.
CREATE INDEX "provider_refs_created_at_brin" ON "provider_refs" USING brin ("created_at");

-- AddForeignKey
ALTER TABLE "provider_refs" ADD CONSTRAINT "provider_refs_device_id_fkey" FOREIGN KEY ("device_id") REFERENCES "devices"("id") ON DELETE CASCADE ON UPDATE CASCADE;
