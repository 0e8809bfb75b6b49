import type { BulkJob, SendBulkAnswer } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { describe, expect, test, vi } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();

const phones = (n: number): string[] => Array.from({ length: n }, (_, i) => `+34${600_000_000 + i}`);
const send = (json: object): Promise<Answer<SendBulkAnswer>> =>
  app().call("POST", "/messages/send-bulk", { json });

describe("the contract of bulk jobs", () => {
  test("a fresh job has exactly the agreed form", async () => {
    const { status, body } = await send({ message: "hi", phones: phones(100) });
    expect(status).toBe(202);
    expect(body).toEqual({
      status: "success",
      message: expect.any(String),
      job: {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        status: "pending",
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        started_at: null,
        completed_at: null,
        total_numbers: 100,
        devices_limit: 5,
        progress: { sent: 0, failed: 0, total: 100, percentage: 0 },
      },
    });
    expect((await app().call<BulkJob>("GET", `/jobs/${body.job.id}`)).body).toEqual(body.job);
  });

  test("jobs come as a bare array, newest first", async () => {
    const ids = [];
    for (let n = 0; n < 3; n++) ids.push((await send({ message: "hi", phones: phones(1) })).body.job.id);
    const list = await app().call<BulkJob[]>("GET", "/jobs?limit=2", {
      headers: { accept: "application/json" },
    });
    expect(list.body.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 2));
  });

  test("a number that is there twice, however written, gets one message", async () => {
    const { body } = await send({
      message: "hi",
      phones: ["+34600123456", "34 600 123 456", "0034600123456"],
    });
    expect(body.job.total_numbers).toBe(1);
  });

  test("the text goes out as it is, whatever braces it has", async () => {
    const message = 'Hola {{nombre}}, {{"{{"}} {{ 100 %';
    const { body } = await send({ message, phones: phones(1) });
    const list = await app().call<{ items: { id: string }[] }>("GET", `/api/v1/jobs/${body.job.id}/messages`);
    const one = await app().call(
      "GET",
      `/api/v1/jobs/${body.job.id}/messages/${list.body.items[0]?.id ?? ""}`,
    );
    expect(one.body["text"]).toBe(message);
  });

  test("the devices' limit holds", async () => {
    for (let n = 0; n < 3; n++) await makeDevice(app().db, app().tenantId);
    const { body } = await send({ message: "hi", phones: phones(10), devices_limit: 2 });
    expect(body.job.devices_limit).toBe(2);
    expect(await app().count("lanes", `job_id = '${body.job.id}' AND status = 'active'`)).toBe(2);
    expect(await app().count("lanes", `job_id = '${body.job.id}' AND status = 'standby'`)).toBe(1);
  });

  test("a running job is called processing, an ended one has results", async () => {
    const { body } = await send({ message: "hi", phones: phones(4) });
    const { id } = body.job;
    const set = (columns: string): Promise<unknown> =>
      app().db.pool.query(`UPDATE send_messages_jobs SET ${columns} WHERE id = $1`, [id]);
    const get = async (): Promise<BulkJob> => (await app().call<BulkJob>("GET", `/jobs/${id}`)).body;
    await set("status = 'running', started_at = now(), sent = 1, failed = 1");
    const running = await get();
    expect(running).toMatchObject({
      status: "processing",
      progress: { sent: 1, failed: 1, total: 4, percentage: 50 },
    });
    expect(running).not.toHaveProperty("results");
    await app().db.pool.query(
      "UPDATE lanes SET sent = 1 WHERE job_id = $1 AND device_id = (SELECT min(id) FROM devices)",
      [id],
    );
    await set("status = 'completed', completed_at = now(), sent = 3");
    expect(await get()).toMatchObject({
      status: "completed",
      results: { sent: 3, failed: 1, total: 4, devices_used: 1, parallel_workers: 1 },
    });
    expectProblem(await app().call("POST", `/jobs/${id}/cancel`), 409, "conflict");
  });

  test("a job is cancelled once", async () => {
    const { body } = await send({ message: "hi", phones: phones(10) });
    const cancelled = await app().call<BulkJob>("POST", `/jobs/${body.job.id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 200,
      body: { id: body.job.id, status: "cancelled", progress: { total: 10, percentage: 100 } },
    });
    expect(expectProblem(await app().call("POST", `/jobs/${body.job.id}/cancel`), 409, "conflict")).toContain(
      "cancelled",
    );
  });

  test("the answer does not wait for Redis or a worker: rows are all that is needed", async () => {
    const { body } = await send({ message: "hi", phones: phones(2) });
    await vi.waitFor(async () =>
      expect(await app().count("messages", `job_id = '${body.job.id}' AND state = 'queued'`)).toBe(2),
    );
  });
});
