import type { CampaignCreated, SettleUnknownAnswer } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { beforeEach, expect, test } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();
let jobId: string;

/** A finished job: one message sent, one unknown for good, one still being looked up. */
beforeEach(async () => {
  const { db, tenantId } = app();
  const device = await makeDevice(db, tenantId);
  const recipients = [1, 2, 3].map((n) => ({ phone: `+3460000000${n}` }));
  const json = { name: "Promo", body: "Hola", recipients, device_ids: [device] };
  jobId = (await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json })).body.job.id;
  await db.pool.query(
    `UPDATE messages SET device_id = $2, claimed_at = now(), attempts = 1,
       state = CASE seq WHEN 1 THEN 'sent' ELSE 'unknown' END::message_state,
       error_code = CASE seq WHEN 1 THEN NULL ELSE 'outcome_unknown' END,
       settle_until = CASE seq WHEN 3 THEN now() + interval '1 hour' END
     WHERE job_id = $1`,
    [jobId, device],
  );
  await db.pool.query(
    `UPDATE send_messages_jobs SET status = 'running', next_seq = 3, sent = 1, unknown = 2, settling = 1 WHERE id = $1`,
    [jobId],
  );
  await db.pool.query("UPDATE lanes SET sent = 1, unknown = 2 WHERE job_id = $1", [jobId]);
});

const settle = (as: string) =>
  app().call<SettleUnknownAnswer>("POST", `/api/v1/jobs/${jobId}/settle-unknown`, { json: { as } });

const states = async () => {
  const { rows } = await app().db.pool.query<{ state: string }>(
    "SELECT state FROM messages WHERE job_id = $1 ORDER BY seq",
    [jobId],
  );
  return rows.map(({ state }) => state);
};

test("given up, they count as failed, in the job, its lanes and the figures; what is being looked up is left alone", async () => {
  const { status, body } = await settle("failed");
  expect(status).toBe(200);
  expect(body).toMatchObject({ settled: 1, job: { progress: { sent: 1, failed: 1, unknown: 1 } } });
  expect(await states()).toEqual(["sent", "failed", "unknown"]);
  const { db } = app();
  const lane = await db.pool.query("SELECT failed, unknown FROM lanes WHERE job_id = $1", [jobId]);
  expect(lane.rows).toEqual([{ failed: 1, unknown: 1 }]);
  const stats = await db.pool.query("SELECT sum(failed)::int AS failed FROM message_stats WHERE failed > 0");
  expect(stats.rows[0]).toMatchObject({ failed: expect.any(Number) });
  expect(await app().count("audit_log", `action = 'job.settle_unknown' AND subject = 'job:${jobId}'`)).toBe(
    1,
  );
  const again = await app().call("POST", `/api/v1/jobs/${jobId}/settle-unknown`, { json: { as: "failed" } });
  expectProblem(again, 409, "conflict");
});

test("sent again, they go back into the queue of their job", async () => {
  expect((await settle("resend")).body).toMatchObject({ settled: 1, job: { progress: { unknown: 1 } } });
  expect(await states()).toEqual(["sent", "retrying", "unknown"]);
});
