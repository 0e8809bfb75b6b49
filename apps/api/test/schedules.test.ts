import type {
  CampaignCreated,
  Schedule,
  SchedulePreview,
  ScheduleRun,
  SendMessagesJob,
} from "@pregonero/contracts";
import { makeDevice, makeTenant } from "@pregonero/db/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();
const path = "/api/v1/schedules";
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const hourMs = 3_600_000;

beforeAll(async () => {
  await makeDevice(app().db, app().tenantId);
});

async function makeCampaign(fields: Record<string, unknown> = {}) {
  const json = { name: "Promo", body: "hi", recipients: [{ phone: "+34600123456" }], ...fields };
  return await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json });
}

async function makeSchedule(fields: Record<string, unknown> = {}): Promise<Schedule> {
  const { body } = await makeCampaign({ start: false });
  const target = { kind: "campaign", campaign_id: body.campaign.id };
  const timing = { kind: "cron", expression: "0 9 * * 1-5", time_zone: "America/Bogota" };
  const json = { name: "Weekdays", target, timing, ...fields };
  const answer = await app().call<Schedule>("POST", path, { json });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe("a campaign for later", () => {
  test("is planned now and waits for its time; it can be moved and cancelled until then", async () => {
    const { status, body } = await makeCampaign({ scheduled_at: inMs(hourMs), priority: "high" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ accepted: 1, job: { status: "scheduled", priority: 8, started_at: null } });
    const job = `/api/v1/jobs/${body.job.id}`;
    const later = inMs(2 * hourMs);
    const moved = await app().call<SendMessagesJob>("PATCH", job, {
      json: { scheduled_at: later, priority: 3 },
    });
    expect(moved.body).toMatchObject({ scheduled_at: later, priority: 3, status: "scheduled" });
    expect(await app().count("lanes", `job_id = '${body.job.id}' AND weight = 3`)).toBe(1);
    expect((await app().call("POST", `${job}/cancel`)).status).toBe(200);
    expectProblem(await app().call("PATCH", job, { json: { scheduled_at: later } }), 409, "conflict");
  });

  test("an offset is understood, an instant that has passed is refused, so is one that waits for somebody as well", async () => {
    const made = await makeCampaign({ scheduled_at: "2027-06-01T09:00:00-05:00" });
    expect(made.body.job.scheduled_at).toBe("2027-06-01T14:00:00.000Z");
    for (const fields of [
      { scheduled_at: inMs(-1_000) },
      { scheduled_at: inMs(1_000 * hourMs * 24) },
      { scheduled_at: inMs(hourMs), start: false },
    ]) {
      const { status } = await makeCampaign(fields);
      expect(status).toBe(422);
    }
  });

  test("only a job that has not begun can be moved; one that runs can change its priority", async () => {
    const { body } = await makeCampaign();
    const job = `/api/v1/jobs/${body.job.id}`;
    const moved = await app().call("PATCH", job, { json: { scheduled_at: inMs(hourMs) } });
    expectProblem(moved, 409, "conflict");
    expect((await app().call("PATCH", job, { json: { priority: "low" } })).body).toMatchObject({
      priority: 2,
    });
  });
});

describe("schedules", () => {
  test("show what comes next on the zone's clock", async () => {
    const schedule = await makeSchedule();
    expect(schedule.next_runs).toHaveLength(5);
    for (const run of schedule.next_runs) expect(run).toMatch(/T14:00:00/);
    expect(schedule).toMatchObject({ enabled: true, missed: "catch_up", overlap: "allow", last_run: null });
    expect(schedule.next_run_at).toBe(schedule.next_runs[0]);
    expect((await app().call<Schedule>("GET", `${path}/${schedule.id}`)).body).toEqual(schedule);
    const list = await app().call<{ items: Schedule[] }>("GET", path);
    expect(list.body.items).toContainEqual(schedule);
  });

  test("a preview shows an expression that nobody has saved, and what is wrong with it", async () => {
    const preview = (expression: string, time_zone = "Europe/Madrid") =>
      app().call<SchedulePreview>("POST", `${path}/preview`, { json: { expression, time_zone, count: 3 } });
    expect((await preview("*/15 * * * *")).body.runs).toHaveLength(3);
    const problem = async (...given: Parameters<typeof preview>) =>
      expectProblem({ ...(await preview(...given)) } as never, 422, "validation_failed");
    expect(await problem("every day")).toContain("five");
    expect(await problem("0 9 * * *", "Nowhere/At_all")).toContain("Nowhere/At_all");
  });

  test("are switched off and on, changed and removed, and the audit log knows by whom", async () => {
    const { id } = await makeSchedule();
    const off = await app().call<Schedule>("PATCH", `${path}/${id}`, { json: { enabled: false } });
    expect(off.body).toMatchObject({ enabled: false, next_run_at: null, next_runs: [] });
    const runAt = inMs(hourMs);
    const json = { enabled: true, timing: { kind: "once", run_at: runAt }, missed: "skip", overlap: "skip" };
    const once = await app().call<Schedule>("PATCH", `${path}/${id}`, { json });
    expect(once.body).toMatchObject({ next_runs: [runAt], missed: "skip", overlap: "skip" });
    expect((await app().call("DELETE", `${path}/${id}`)).status).toBe(204);
    expectProblem(await app().call("GET", `${path}/${id}`), 404, "not_found");
    const actions = await app().db.pool.query<{ action: string }>(
      "SELECT action FROM audit_log WHERE subject = $1 ORDER BY id",
      [`schedule:${id}`],
    );
    expect(actions.rows.map(({ action }) => action)).toEqual([
      "schedule.create",
      "schedule.patch",
      "schedule.patch",
      "schedule.delete",
    ]);
  });

  test("run by hand they make a job now, once for one Idempotency-Key, and the history shows who asked", async () => {
    const { id, target } = await makeSchedule({ enabled: false });
    const options = { headers: { "idempotency-key": "run-1" } };
    const run = await app().call<ScheduleRun>("POST", `${path}/${id}/run`, options);
    expect(run.status).toBe(201);
    expect(run.body).toMatchObject({ status: "started", missed: 0, actor: expect.any(String) });
    await app().call("POST", `${path}/${id}/run`, options);
    const runs = await app().call<{ items: ScheduleRun[] }>("GET", `${path}/${id}/runs`);
    expect(runs.body.items).toEqual([run.body]);
    const job = await app().call<SendMessagesJob>("GET", `/api/v1/jobs/${run.body.job_id}`);
    expect(job.body).toMatchObject({ status: "pending", total: 1, kind: "campaign" });
    expect(target).toEqual({ kind: "campaign", campaign_id: job.body.campaign_id });
    expect((await app().call<Schedule>("GET", `${path}/${id}`)).body.last_run).toEqual(run.body);
  });

  test("of a stranger's campaign cannot be made", async () => {
    const { target, timing } = await makeSchedule();
    const key = await app().keyFor(await makeTenant(app().db), "admin");
    const json = { name: "s", target, timing };
    expectProblem(await app().call("POST", path, { json, key }), 422, "validation_failed");
  });
});

describe("settings", () => {
  test("a tenant may ask for fewer jobs at once than the platform gives it, not for more", async () => {
    const { db, keys } = app();
    await db.pool.query("UPDATE platform_limits SET max_running_jobs_per_tenant = 5");
    const patch = (max: number | null) =>
      app().call("PATCH", "/api/v1/settings", { json: { max_running_jobs: max }, key: keys.admin });
    expectProblem(await patch(6), 422, "validation_failed");
    expect((await patch(1)).body).toMatchObject({ max_running_jobs: 1, max_running_jobs_allowed: 5 });
    const { body } = await makeCampaign();
    expect(body.job).toMatchObject({ status: "pending", status_reason: expect.stringContaining("its turn") });
    expect((await patch(null)).body).toMatchObject({ max_running_jobs: null });
    await db.pool.query("UPDATE platform_limits SET max_running_jobs_per_tenant = NULL");
  });
});
