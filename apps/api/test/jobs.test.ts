import {
  busChannel,
  type BusEvent,
  type MessageDetail,
  type MessageRow,
  type SendMessagesJob,
  type SendMessagesJobDetail,
} from "@pregonero/contracts";
import { applyOutcomes, claimMessages } from "@pregonero/db";
import { countersAndRecount, makeDevice, makeJob } from "@pregonero/db/testing";
import { EventBus } from "@pregonero/queue";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { testApi } from "./support/suite.ts";
import { holdDevice } from "./support/worker.ts";

const app = testApi();

let device: number;
let worker: string;
beforeAll(async () => {
  device = await makeDevice(app().db, app().tenantId);
  worker = await holdDevice(app(), device);
});

const makeJobOf = async (messages: number): Promise<string> =>
  await makeJob(app().db, { tenantId: app().tenantId, messages, devices: [device] });

/** What the worker does: claims some messages and tells how each went. */
async function send(limit: number, state: "sent" | "failed" | null): Promise<string[]> {
  const { rows } = await app().db.pool.query<{ epoch: number }>(
    "SELECT lease_epoch AS epoch FROM devices WHERE id = $1",
    [device],
  );
  const claims = await claimMessages(app().db, {
    lease: { deviceId: device, workerId: worker, epoch: rows[0]?.epoch ?? 0 },
    limit,
    quantum: limit,
    sendMs: 1_000,
    laneClass: "bulk",
  });
  const outcomes = claims.map(({ providerMessageId }) => ({
    providerMessageId,
    state: state ?? "sent",
    ...(state === "failed" ? { errorCode: "rejected", errorDetail: "no" } : {}),
    at: new Date(),
  }));
  if (state !== null) await applyOutcomes(app().db, outcomes);
  return claims.map(({ messageId }) => messageId);
}

const change = (id: string, verb: string): Promise<Answer<SendMessagesJob & Record<string, unknown>>> =>
  app().call("POST", `/api/v1/jobs/${id}/${verb}`);
const get = async (id: string): Promise<SendMessagesJobDetail> =>
  (await app().call<SendMessagesJobDetail>("GET", `/api/v1/jobs/${id}`)).body;

describe("jobs", () => {
  test("show their figures and what each device did", async () => {
    const id = await makeJobOf(10);
    await send(3, "sent");
    await send(1, "failed");
    await send(1, null);
    expect(await get(id)).toMatchObject({
      status: "running",
      total: 10,
      progress: { total: 10, sent: 3, failed: 1, pending: 6, percentage: 40 },
      devices: [{ device_id: device, status: "active", sent: 3, failed: 1, unknown: 0 }],
    });
    await change(id, "cancel");
  });

  test("are listed newest first, by page and by filter", async () => {
    const ids = [];
    for (let n = 0; n < 5; n++) ids.push(await makeJobOf(1));
    await change(ids[1] ?? "", "pause");
    const seen: string[] = [];
    let cursor = "";
    for (let n = 0; n < 3; n++) {
      const page = await app().call<{ items: SendMessagesJob[]; next_cursor: string }>(
        "GET",
        `/api/v1/jobs?limit=2${cursor}`,
      );
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = `&cursor=${page.body.next_cursor}`;
    }
    expect(seen.slice(0, 5)).toEqual(ids.toReversed());
    const paused = await app().call<{ items: SendMessagesJob[] }>(
      "GET",
      "/api/v1/jobs?status=paused&kind=bulk",
    );
    expect(paused.body.items.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await app().call("GET", "/api/v1/jobs?kind=single")).body).toMatchObject({ items: [] });
    for (const id of ids) await change(id, "cancel");
  });

  test("a paused job hands out nothing more until it is resumed", async () => {
    const id = await makeJobOf(10);
    await send(2, "sent");
    const underWay = await send(1, null);
    expect((await change(id, "pause")).body).toMatchObject({
      status: "paused",
      status_reason: "paused by key:test operator",
    });
    expect(await send(5, "sent")).toEqual([]);
    expectProblem(await change(id, "pause"), 409, "conflict");
    expect((await change(id, "resume")).body).toMatchObject({ status: "running", status_reason: null });
    expectProblem(await change(id, "resume"), 409, "conflict");
    expect(await send(20, "sent")).toHaveLength(7);
    expect(underWay).toHaveLength(1);
    await change(id, "cancel");
  });

  test("a job that was paused before it began is pending again", async () => {
    const id = await makeJobOf(1);
    await change(id, "pause");
    expect((await change(id, "resume")).body.status).toBe("pending");
    await change(id, "cancel");
  });

  test("a cancelled job lets what is under way finish and ends the rest, whatever its size", async () => {
    const id = await makeJobOf(12_000);
    await send(2, "sent");
    const [underWay] = await send(1, null);
    const startedMs = performance.now();
    const { body } = await change(id, "cancel");
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(body).toMatchObject({ status: "cancelled", progress: { sent: 2, cancelled: 5_000 } });
    expect(body.completed_at).not.toBeNull();
    expect(await send(5, "sent")).toEqual([]);
    const { rows } = await app().db.pool.query("SELECT state FROM messages WHERE id = $1", [underWay]);
    expect(rows).toEqual([{ state: "sending" }]);
    for (const verb of ["cancel", "pause", "resume", "retry-failed"])
      expectProblem(await change(id, verb), 409, "conflict");
    const { counters, recount } = await countersAndRecount(app().db, id);
    expect(counters).toEqual(recount);
  });

  test("failed messages are tried again, with fresh attempts", async () => {
    const id = await makeJobOf(4);
    await send(1, "sent");
    await send(3, "failed");
    expect(await get(id)).toMatchObject({
      status: "completed",
      progress: { sent: 1, failed: 3, percentage: 100 },
    });
    const answer = await app().call("POST", `/api/v1/jobs/${id}/retry-failed`);
    expect(answer.body).toMatchObject({
      retried: 3,
      job: { status: "running", completed_at: null, progress: { failed: 0 } },
    });
    expectProblem(await change(id, "retry-failed"), 409, "conflict");
    expect(await send(10, "sent")).toHaveLength(3);
    expect(await get(id)).toMatchObject({ status: "completed", progress: { sent: 4, failed: 0 } });
    expectProblem(await change(id, "cancel"), 409, "conflict");
  });

  test("each change is heard by listeners, booked as announced and told in the audit log", async () => {
    const bus = new EventBus({ url: inject("redisUrl"), prefix: app().redisPrefix, name: "test" });
    const heard: BusEvent[] = [];
    bus.subscribe(busChannel.tenant(app().tenantId), (event) => void heard.push(event));
    await vi.waitFor(() => expect(bus.ready).toBe(true));
    const made = await app().call<{ job: { id: string } }>("POST", "/messages/send-bulk", {
      json: { message: "hi", phones: ["+34600123456"] },
    });
    const { id } = made.body.job;
    const story = (): unknown[] =>
      heard.flatMap((event) =>
        event.type === "job" && event.job.id === id ? [[event.previous, event.job.status]] : [],
      );
    const steps: [string, unknown][] = [
      ["pause", ["pending", "paused"]],
      ["resume", ["paused", "pending"]],
      ["cancel", ["pending", "cancelled"]],
    ];
    try {
      await vi.waitFor(() => expect(story()).toEqual([[null, "pending"]]));
      for (const [verb, expected] of steps) {
        await change(id, verb);
        await vi.waitFor(() => expect(story().at(-1)).toEqual(expected));
      }
    } finally {
      await bus.close();
    }
    await vi.waitFor(async () =>
      expect(await app().count("send_messages_jobs", `id = '${id}' AND announced_status = status`)).toBe(1),
    );
    const { rows } = await app().db.pool.query(
      "SELECT action, actor FROM audit_log WHERE subject = $1 ORDER BY id",
      [`job:${id}`],
    );
    expect(rows).toEqual(
      ["bulk.send", "job.pause", "job.resume", "job.cancel"].map((action) => ({
        action,
        actor: "key:test operator",
      })),
    );
  });
});

describe("messages of a job", () => {
  const list = async (id: string, query: string, key?: string): Promise<MessageRow[]> => {
    const options = key === undefined ? {} : { key };
    const answer = await app().call<{ items: MessageRow[] }>(
      "GET",
      `/api/v1/jobs/${id}/messages?${query}`,
      options,
    );
    expect(answer.status).toBe(200);
    return answer.body.items;
  };

  test("are listed in order, by page, by state, device and number", async () => {
    const id = await makeJobOf(10);
    await send(2, "sent");
    await send(2, "failed");
    expect((await list(id, "limit=4")).map(({ seq, state }) => [seq, state])).toEqual([
      [1, "sent"],
      [2, "sent"],
      [3, "failed"],
      [4, "failed"],
    ]);
    const page = await app().call<{ next_cursor: string }>("GET", `/api/v1/jobs/${id}/messages?limit=4`);
    expect((await list(id, `limit=100&cursor=${page.body.next_cursor}`)).map(({ seq }) => seq)).toEqual([
      5, 6, 7, 8, 9, 10,
    ]);
    expect((await list(id, "state=failed")).map(({ seq, error_code }) => [seq, error_code])).toEqual([
      [3, "rejected"],
      [4, "rejected"],
    ]);
    expect((await list(id, "state=queued")).map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(await list(id, `device_id=${device}`)).toHaveLength(4);
    expect((await list(id, "phone=%2B34%20600%20000%20003")).map(({ seq }) => seq)).toEqual([3]);
    expect(await list(id, "phone=nobody")).toEqual([]);
    await change(id, "cancel");
  });

  test("one is shown with its text and its history", async () => {
    const made = await app().call<{ job: { id: string } }>("POST", "/api/v1/campaigns", {
      json: {
        name: "x",
        body: "Hola {{nombre}}",
        recipients: [{ phone: "+34600123456", variables: { nombre: "Ana" } }],
        device_ids: [device],
      },
    });
    await send(1, "sent");
    const jobId = made.body.job.id;
    const [row] = await list(jobId, "");
    const one = await app().call<MessageDetail>("GET", `/api/v1/jobs/${jobId}/messages/${row?.id ?? ""}`);
    expect(one.body).toMatchObject({ ...row, job_id: jobId, text: "Hola Ana", phone: "34600123456" });
    expect(one.body.history).toMatchObject([
      { from_state: "sending", to_state: "sent", device_id: device, attempt: 1 },
    ]);
    expectProblem(await app().call("GET", `/api/v1/jobs/${jobId}/messages/${jobId}`), 404, "not_found");
  });

  test("a viewer sees numbers masked", async () => {
    const id = await makeJobOf(1);
    const [row] = await list(id, "", app().keys.viewer);
    expect(row?.phone).toBe("34*****001");
    const one = await app().call("GET", `/api/v1/jobs/${id}/messages/${row?.id ?? ""}`, {
      key: app().keys.viewer,
    });
    expect(one.body["phone"]).toBe("34*****001");
    await change(id, "cancel");
  });
});
