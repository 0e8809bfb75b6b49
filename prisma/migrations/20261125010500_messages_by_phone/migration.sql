-- The message to a number in a job, without reading the job. A number never changes, so acks stay HOT; job first, so that
-- sending touches the pages of its own job and not those of the whole history.
-- CreateIndex
CREATE INDEX "messages_job_id_phone_idx" ON "messages"("job_id", "phone");
