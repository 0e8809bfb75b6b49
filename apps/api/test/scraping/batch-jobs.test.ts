import type { BatchJob, BatchJobStats, BatchStep, JobComment, ScrapingJob } from "@pregonero/contracts";
import { claimScrapingStep, finishScrapingStep, uuidv7 } from "@pregonero/db";
import { makeJob, makeTenant } from "@pregonero/db/testing";
import { describe, expect, test } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";

const app = testApi();
const path = "/api/jobs/batch-scraping";

async function create(domains: readonly string[], more: object = {}): Promise<BatchJob> {
  const answer = await app().call<BatchJob>("POST", path, { json: { domains, ...more } });
  expect(answer.status).toBe(202);
  return answer.body;
}

describe("a batch job", () => {
  test("is answered before anything is visited, with the defaults of the contract", async () => {
    const job = await create(["Example.com", "https://www.example.org/about", "example.com"], {
      name: "Spring",
      description: "two sites",
      config: { max_retries: 1, unheard_of: true },
    });
    expect(job).toMatchObject({
      job_type: "batch_scraping",
      name: "Spring",
      description: "two sites",
      status: "pending",
      priority: 5,
      total_steps: 2,
      completed_steps: 0,
      failed_steps: 0,
      progress_percentage: 0,
      started_at: null,
      completed_at: null,
    });
    expect(job.config).toMatchObject({ max_retries: 1, interval_ms: 1_000, respect_robots: true });
    expect((await app().call<BatchJob>("GET", `/api/jobs/${job.id}`)).body).toEqual(job);
    const steps = await app().call<BatchStep[]>("GET", `/api/jobs/${job.id}/steps`);
    expect(steps.body.map(({ step_number, name, status }) => [step_number, name, status])).toEqual([
      [1, "example.com", "pending"],
      [2, "www.example.org", "pending"],
    ]);
    expect(await app().count("audit_log", `subject = 'scraping-job:${job.id}'`)).toBe(1);
  });

  test("is made once, however often the call is repeated with its key", async () => {
    const options = { json: { domains: ["once.example"] }, headers: { "idempotency-key": "batch-once" } };
    const first = await app().call<BatchJob>("POST", path, options);
    const again = await app().call<BatchJob>("POST", path, options);
    expect(again.body).toEqual(first.body);
    expect(await app().count("scraping_steps", "name = 'once.example'")).toBe(1);
  });

  test.each([
    ["no domain", [], "domains"],
    ["an address of this network", ["ok.example", "10.0.0.1"], "domains[1]"],
    ["another scheme", ["ftp://example.com"], "domains[0]"],
    ["no name at all", ["not a domain"], "domains[0]"],
    ["a name of this machine", ["localhost"], "domains[0]"],
  ])("with %s is refused as a whole", async (_, domains, where) => {
    const before = await app().count("scraping_jobs");
    const answer = await app().call("POST", path, { json: { domains } });
    expectProblem(answer, 422, "validation_failed");
    expect(answer.body["errors"]).toEqual([expect.objectContaining({ path: where })]);
    expect(await app().count("scraping_jobs")).toBe(before);
  });

  test("needs an operator", async () => {
    const answer = await app().call("POST", path, {
      json: { domains: ["a.example"] },
      key: app().keys.viewer,
    });
    expectProblem(answer, 403, "forbidden");
  });

  test("can be cancelled while it is pending or running, and is a conflict afterwards", async () => {
    const job = await create(["a.example", "b.example"]);
    const cancelled = await app().call<BatchJob>("POST", `/api/jobs/${job.id}/cancel`);
    expect(cancelled.body).toMatchObject({ status: "cancelled", progress_percentage: 100 });
    expectProblem(await app().call("POST", `/api/jobs/${job.id}/cancel`), 409, "conflict");
    const steps = await app().call<BatchStep[]>("GET", `/api/jobs/${job.id}/steps`);
    expect(steps.body.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
  });
});

describe("jobs of both types", () => {
  test("are in one list, filtered and paged, and counted", async () => {
    const { db, tenantId } = app();
    const sendId = await makeJob(db, { tenantId, messages: 3 });
    const scrapingId = (await create(["list.example"])).id;
    const list = async (query: string) => (await app().call<BatchJob[]>("GET", `/api/jobs?${query}`)).body;
    const all = await list("limit=1000");
    expect(all.map((job) => job.created_at)).toEqual(
      all
        .map((job) => job.created_at)
        .toSorted()
        .toReversed(),
    );
    expect(all.find((job) => job.id === sendId)).toMatchObject({ job_type: "send_messages", total_steps: 3 });
    expect((await list("job_type=send_messages")).map((job) => job.id)).toEqual([sendId]);
    expect((await list("job_type=batch_scraping&status=pending&limit=1"))[0]?.id).toBe(scrapingId);
    expect(await list(`limit=2&offset=1`)).toEqual(all.slice(1, 3));
    const { body } = await app().call<BatchJobStats>("GET", "/api/jobs/stats/summary");
    expect(body.total).toBe(all.length);
    expect(body.by_type).toEqual({ send_messages: 1, batch_scraping: all.length - 1 });
    expect(Object.values(body.by_status).reduce((sum, n) => sum + n, 0)).toBe(all.length);
  });

  test("a send's steps are its messages, with numbers masked for viewers", async () => {
    const { db, tenantId } = app();
    const id = await makeJob(db, { tenantId, messages: 2 });
    const read = async (key: string) =>
      (await app().call<BatchStep[]>("GET", `/api/jobs/${id}/steps?offset=1`, { key })).body;
    expect(await read(app().keys.operator)).toMatchObject([
      { step_number: 2, name: "34600000002", status: "pending" },
    ]);
    expect((await read(app().keys.viewer))[0]?.name).toBe("34*****002");
    const cancelled = await app().call<BatchJob>("POST", `/api/jobs/${id}/cancel`);
    expect(cancelled.body).toMatchObject({ job_type: "send_messages", status: "cancelled" });
  });

  test("have comments", async () => {
    const { id } = await create(["talked-about.example"]);
    const comment = { job_id: id, author: "Ana", content: "¿Quién llama al cliente?" };
    const made = await app().call<JobComment>("POST", "/api/comments/job", { json: comment });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...comment, id: expect.any(Number) });
    const second = await app().call<JobComment>("POST", "/api/comments/job", {
      json: { ...comment, author: "Luis" },
    });
    const list = await app().call<JobComment[]>("GET", `/api/comments/job/${id}`);
    expect(list.body).toEqual([made.body, second.body]);
    const nowhere = { ...comment, job_id: uuidv7() };
    expectProblem(await app().call("POST", "/api/comments/job", { json: nowhere }), 422, "validation_failed");
  });

  test("of another tenant are not there", async () => {
    const { id } = await create(["mine.example"]);
    const key = await app().keyFor(await makeTenant(app().db), "admin");
    const calls = [
      ["GET", `/api/jobs/${id}`],
      ["GET", `/api/jobs/${id}/steps`],
      ["POST", `/api/jobs/${id}/cancel`],
      ["GET", `/api/comments/job/${id}`],
      ["GET", `/api/v1/scraping-jobs/${id}`],
      ["GET", `/api/v1/scraping-jobs/${id}/steps`],
      ["GET", `/api/v1/scraping-jobs/${id}/report`],
      ["POST", `/api/v1/scraping-jobs/${id}/pause`],
    ] as const;
    for (const [method, url] of calls)
      expectProblem(await app().call(method, url, { key }), 404, "not_found");
    expect((await app().call<BatchJob[]>("GET", "/api/jobs", { key })).body).toEqual([]);
    const json = { job_id: id, author: "x", content: "y" };
    expectProblem(await app().call("POST", "/api/comments/job", { json, key }), 422, "validation_failed");
  });
});

test("any page of a long job costs what the first one does", async () => {
  const { db } = app();
  const { id } = await create(["long.example"]);
  await db.pool.query(
    `INSERT INTO scraping_steps (id, tenant_id, job_id, step_number, name, host, url, status)
     SELECT gen_random_uuid(), $2, $1, n, 'd' || n, 'd' || n, 'https://d' || n, (CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'completed' END)::scraping_step_status
     FROM generate_series(2, 200000) n`,
    [id, app().tenantId],
  );
  await db.pool.query("ANALYZE scraping_steps");
  const page = async (query: string) =>
    (await app().call<BatchStep[]>("GET", `/api/jobs/${id}/steps?${query}`)).body;
  expect((await page("limit=2&offset=199998")).map((step) => step.step_number)).toEqual([199_999, 200_000]);
  expect((await page("status=failed&limit=1&offset=1999")).map((step) => step.step_number)).toEqual([
    200_000,
  ]);
  const { rows } = await db.pool.query<{ "QUERY PLAN": { Plan: Plan }[] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM scraping_steps s
     WHERE s.job_id = $1 AND s.step_number > 199000 ORDER BY s.step_number LIMIT 50`,
    [id],
  );
  expect(rowsRead(rows[0]?.["QUERY PLAN"][0]?.Plan)).toBeLessThanOrEqual(100);
});

interface Plan {
  readonly "Actual Rows": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

/** Rows that the parts of a plan handed on or threw away. */
function rowsRead(plan: Plan | undefined): number {
  if (!plan) return Number.POSITIVE_INFINITY;
  const own = plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0);
  return own + (plan.Plans ?? []).reduce((sum, part) => sum + rowsRead(part), 0);
}

describe("the native routes", () => {
  test("pause, resume, and try again what failed", async () => {
    const { db } = app();
    const made = await app().call<ScrapingJob>("POST", "/api/v1/scraping-jobs", {
      json: { domains: ["fails.example"], config: { interval_ms: 0 }, priority: "high" },
    });
    const { id } = made.body;
    expect(made.body).toMatchObject({ status: "pending", priority: 8, progress: { total: 1, pending: 1 } });
    const act = async (verb: string) =>
      (await app().call<ScrapingJob>("POST", `/api/v1/scraping-jobs/${id}/${verb}`)).body;
    expect(await act("pause")).toMatchObject({ status: "paused" });
    expect(await act("resume")).toMatchObject({ status: "pending" });
    await db.pool.query("UPDATE scraping_jobs SET vtime = -1 WHERE id = $1", [id]);
    const step = await claimScrapingStep(db, uuidv7(), 60_000);
    if (step?.jobId !== id) throw new Error("another job was claimed");
    await finishScrapingStep(db, {
      claimId: step.claimId,
      status: "failed",
      code: "dns",
      message: "no such domain",
      result: null,
    });
    expect((await app().call<ScrapingJob>("GET", `/api/v1/scraping-jobs/${id}`)).body.status).toBe("failed");
    expect(await act("retry-failed")).toMatchObject({ retried: 1, job: { status: "running" } });
    expectProblem(await app().call("POST", `/api/v1/scraping-jobs/${id}/retry-failed`), 409, "conflict");
  });
});
