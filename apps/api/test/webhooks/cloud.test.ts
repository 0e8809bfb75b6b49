import { busChannel, type BusEvent } from "@pregonero/contracts";
import { countersAndRecount, makeTenant } from "@pregonero/db/testing";
import { EventBus } from "@pregonero/queue";
import { createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";
import {
  inboundBody,
  makeReportingDevice,
  makeSentJob,
  postCloud,
  sayTaken,
  statusBody,
  type CloudStatus,
  type ReportingDevice,
  type SentJob,
} from "./reported.ts";

const app = testApi({ CREDENTIALS_KEY: randomBytes(32).toString("base64") });
let device: ReportingDevice;

beforeAll(async () => {
  device = await makeReportingDevice(app(), "whatsapp_cloud");
});

const sentJob = async (messages: number, state: "sending" | "sent" = "sent"): Promise<SentJob> =>
  await makeSentJob(app().db, { tenantId: app().tenantId, deviceId: device.id, messages, state });

async function tell(...statuses: CloudStatus[]): Promise<void> {
  expect(await postCloud(app(), device, statusBody(statuses))).toMatchObject({ status: 200 });
}

async function messagesOf({
  ids,
}: SentJob): Promise<{ state: string; error_code: string | null; error_detail: string }[]> {
  const { rows } = await app().db.pool.query<{
    state: string;
    error_code: string | null;
    error_detail: string;
  }>(
    `SELECT state, error_code, error_detail FROM unnest($1::text[]) WITH ORDINALITY AS g (id, n)
     JOIN messages m ON m.provider_message_id = g.id ORDER BY n`,
    [ids],
  );
  return rows;
}
const statesOf = async (job: SentJob): Promise<string[]> => (await messagesOf(job)).map(({ state }) => state);

async function expectExactCounters({ jobId }: SentJob): Promise<void> {
  const { counters, recount } = await countersAndRecount(app().db, jobId);
  expect(counters).toEqual(recount);
}

describe("who may report", () => {
  const handshake = async (query: Record<string, string>, path = device.webhookPath) =>
    await app().call<string>("GET", `${path}?${new URLSearchParams(query)}`, { key: null });
  const right = { "hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "c-1158201444" };

  test("the handshake gives the challenge back as text", async () => {
    const answer = await handshake(right);
    expect(answer).toMatchObject({ status: 200, body: "c-1158201444" });
    expect(answer.headers.get("content-type")).toContain("text/plain");
  });

  test.each([
    { ...right, "hub.verify_token": "guess" },
    { ...right, "hub.mode": "unsubscribe" },
    { "hub.mode": "subscribe", "hub.challenge": "1" },
  ])("a handshake with %j is forbidden", async (query) => {
    expect((await handshake(query)).status).toBe(403);
  });

  test("an address that no device has is not there", async () => {
    expect((await handshake(right, "/webhooks/cloud/guess")).status).toBe(404);
    const answer = await postCloud(app(), { webhookPath: "/webhooks/cloud/guess" }, statusBody([]));
    expectProblem(answer, 404, "not_found");
  });

  test("a wrong signature is 401 and changes nothing", async () => {
    const job = await sentJob(1);
    const [id = ""] = job.ids;
    const body = JSON.stringify(statusBody([{ id, status: "failed", code: 131050 }]));
    const inbound = JSON.stringify(
      inboundBody([{ from: "34611111111", id: "w1", type: "text", text: { body: "BAJA" } }]),
    );
    const other = `sha256=${createHmac("sha256", "another").update(body).digest("hex")}`;
    const ofOther = `sha256=${createHmac("sha256", "app-secret").update(inbound).digest("hex")}`;
    const counts = async () =>
      await Promise.all(
        ["message_events", "inbound_messages", "suppressions"].map((table) => app().count(table)),
      );
    const before = await counts();
    for (const signature of [
      other,
      ofOther,
      null,
      "",
      "sha256=",
      "sha256=zz",
      other.slice(0, -1),
      "sha1=00",
    ]) {
      expectProblem(await postCloud(app(), device, body, signature), 401, "bad_signature");
    }
    expectProblem(await postCloud(app(), device, inbound, other), 401, "bad_signature");
    expect(await counts()).toEqual(before);
    expect(await statesOf(job)).toEqual(["sent"]);
  });

  test.each([
    "{",
    "[]",
    '"x"',
    "{}",
    '{"object":"page","entry":[]}',
    '{"object":"whatsapp_business_account"}',
  ])("garbage is 400: %s", async (body) => {
    expect((await postCloud(app(), device, body)).status).toBe(400);
  });

  test("a body beyond the limit is 413", async () => {
    expectProblem(await postCloud(app(), device, `"${"x".repeat(5_000_000)}"`), 413, "too_large");
  });

  test("a device of one tenant says nothing of another tenant's messages", async () => {
    const tenantId = await makeTenant(app().db);
    const key = await app().keyFor(tenantId, "admin");
    const theirs = await makeReportingDevice(app(), "whatsapp_cloud", { key });
    const job = await sentJob(1);
    const [id = ""] = job.ids;
    expect(await postCloud(app(), theirs, statusBody([{ id, status: "read" }]))).toMatchObject({
      status: 200,
    });
    expect(await statesOf(job)).toEqual(["sent"]);
  });
});

describe("statuses", () => {
  test("a batch is applied, whatever it repeats and in whatever order it comes", async () => {
    const job = await sentJob(4);
    const [a = "", b = "", c = "", d = ""] = job.ids;
    await tell(
      { id: a, status: "read" },
      { id: a, status: "delivered" },
      { id: b, status: "delivered" },
      { id: b, status: "sent" },
      { id: b, status: "delivered" },
      { id: c, status: "failed", code: 131026 },
      { id: c, status: "sent" },
    );
    await tell({ id: a, status: "sent" }, { id: d, status: "delivered" }, { id: a, status: "delivered" });
    await tell({ id: d, status: "read" }, { id: c, status: "sent" }, { id: "unknown", status: "read" });
    expect(await statesOf(job)).toEqual(["read", "delivered", "failed", "read"]);
    await expectExactCounters(job);
  });

  test("the same batch from many sides at once counts once", async () => {
    const job = await sentJob(40);
    const batch = job.ids.map((id) => ({ id, status: "delivered" }));
    await Promise.all(Array.from({ length: 8 }, () => tell(...batch)));
    expect(await app().count("message_events", `job_id = '${job.jobId}' AND to_state = 'delivered'`)).toBe(
      40,
    );
    await expectExactCounters(job);
  });

  test("a delivery after a failure shows that it was none", async () => {
    const job = await sentJob(1);
    const [id = ""] = job.ids;
    await tell({ id, status: "failed", code: 131000 });
    await tell({ id, status: "delivered" });
    expect(await messagesOf(job)).toMatchObject([{ state: "delivered", error_code: null }]);
  });

  test("an outcome that nobody could observe is settled", async () => {
    const job = await sentJob(1, "sending");
    await app().db.pool.query(
      "UPDATE messages SET state = 'unknown', settle_until = now() WHERE job_id = $1",
      [job.jobId],
    );
    await app().db.pool.query(
      "UPDATE send_messages_jobs SET sending = 0, unknown = 1, settling = 1 WHERE id = $1",
      [job.jobId],
    );
    await tell({ id: job.ids[0] ?? "", status: "sent" });
    expect(await statesOf(job)).toEqual(["sent"]);
    expect(await app().count("send_messages_jobs", `id = '${job.jobId}' AND status = 'completed'`)).toBe(1);
    await expectExactCounters(job);
  });

  test("a failure that overtakes the worker's own word stands", async () => {
    const job = await sentJob(1, "sending");
    const told = tell({ id: job.ids[0] ?? "", status: "failed", code: 131026 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sayTaken(app().db, job.ids);
    await told;
    expect(await messagesOf(job)).toMatchObject([{ state: "failed", error_code: "rejected" }]);
  });

  test("what moved is told to listeners", async () => {
    const job = await sentJob(1);
    await using bus = disposable(
      new EventBus({ url: inject("redisUrl"), prefix: app().redisPrefix, name: "test" }),
    );
    const events: BusEvent[] = [];
    bus.value.subscribe(busChannel.job(job.jobId), (event) => void events.push(event));
    await vi.waitFor(() => expect(bus.value.ready).toBe(true));
    await vi.waitFor(async () => {
      await tell({ id: job.ids[0] ?? "", status: "delivered" });
      await app().db.pool.query("UPDATE messages SET state = 'sent' WHERE job_id = $1", [job.jobId]);
      expect(events).toContainEqual(
        expect.objectContaining({
          type: "messages",
          items: [expect.objectContaining({ state: "delivered" })],
        }),
      );
    });
  });
});

function disposable(value: EventBus): AsyncDisposable & { readonly value: EventBus } {
  return { value, [Symbol.asyncDispose]: () => value.close() };
}

describe("failures", () => {
  test.each([
    [131026, "rejected"],
    [131047, "needs_template"],
    [131049, "recipient_rate_limited"],
    [131000, "provider_temporary"],
    [130472, "rejected"],
    [99_999, "rejected"],
  ])("code %i fails the message as %s, and nothing else", async (code, errorCode) => {
    const job = await sentJob(2);
    await tell({ id: job.ids[0] ?? "", status: "failed", code });
    const [failed, other] = await messagesOf(job);
    expect(failed).toMatchObject({ state: "failed", error_code: errorCode });
    expect(failed?.error_detail).toContain(`code ${code}`);
    expect(failed?.error_detail).not.toContain("600 000 001");
    expect(other).toMatchObject({ state: "sent" });
    expect(await app().count("devices", "aside_until IS NOT NULL")).toBe(0);
  });

  test("131050: the recipient is on the suppression list", async () => {
    const job = await sentJob(1);
    await tell({ id: job.ids[0] ?? "", status: "failed", code: 131050 });
    expect(await messagesOf(job)).toMatchObject([{ state: "failed", error_code: "opted_out" }]);
    const { rows } = await app().db.pool.query(
      "SELECT s.tenant_id FROM suppressions s JOIN messages m ON m.phone = s.phone WHERE m.job_id = $1",
      [job.jobId],
    );
    expect(rows).toEqual([{ tenant_id: app().tenantId }]);
  });

  test.each([132001, 132015])("%i: the campaign is paused, once, with the reason", async (code) => {
    const job = await sentJob(3);
    await app().db.pool.query(
      `UPDATE messages SET state = 'queued', provider_message_id = NULL WHERE job_id = $1 AND seq = 3`,
      [job.jobId],
    );
    await app().db.pool.query(
      "UPDATE send_messages_jobs SET status = 'running', completed_at = NULL, sent = 2 WHERE id = $1",
      [job.jobId],
    );
    const report = { id: job.ids[0] ?? "", status: "failed", code };
    await tell(report);
    const { rows } = await app().db.pool.query<{ status: string; status_reason: string }>(
      "SELECT status, status_reason FROM send_messages_jobs WHERE id = $1",
      [job.jobId],
    );
    expect(rows[0]?.status).toBe("paused");
    expect(rows[0]?.status_reason).toMatch(new RegExp(`^paused by itself: the template .*code ${code}`));
    await app().db.pool.query("UPDATE send_messages_jobs SET status = 'running' WHERE id = $1", [job.jobId]);
    await tell(report);
    expect(await app().count("send_messages_jobs", `id = '${job.jobId}' AND status = 'running'`)).toBe(1);
  });

  test.each([
    [131048, "spam limit"],
    [131042, "payment"],
  ])("%i: the device is put aside", async (code, word) => {
    const job = await sentJob(1);
    await tell({ id: job.ids[0] ?? "", status: "failed", code });
    const { rows } = await app().db.pool.query<{ aside_reason: string }>(
      "SELECT aside_reason FROM devices WHERE id = $1 AND aside_until > now()",
      [device.id],
    );
    expect(rows[0]?.aside_reason).toContain(word);
    await app().call("POST", `/api/v1/devices/${device.id}/resume`);
  });
});

describe("messages from outside", () => {
  const text = (id: string, body: string, from = "34622222222") => ({
    from,
    id,
    timestamp: "1750000000",
    type: "text",
    text: { body },
  });

  test("are stored once, with their words", async () => {
    const body = inboundBody([
      text("in-1", "hola"),
      text("in-1", "hola"),
      {
        from: "34622222222",
        id: "in-2",
        timestamp: "1750000001",
        type: "button",
        button: { text: "Sí", payload: "y" },
      },
      { from: "34622222222", id: "in-3", timestamp: "x", type: "image", image: { id: "9", caption: "foto" } },
      { from: "34622222222", id: "in-4", timestamp: "1", type: "sticker", sticker: {} },
      { nonsense: true },
    ]);
    for (let again = 0; again < 2; again++) expect((await postCloud(app(), device, body)).status).toBe(200);
    const { rows } = await app().db.pool.query(
      `SELECT provider_message_id AS id, device_id, phone, type, text FROM inbound_messages
       WHERE phone = '34622222222' ORDER BY 1`,
    );
    const common = { device_id: device.id, phone: "34622222222" };
    expect(rows).toEqual([
      { id: "in-1", ...common, type: "text", text: "hola" },
      { id: "in-2", ...common, type: "button", text: "Sí" },
      { id: "in-3", ...common, type: "image", text: "foto" },
      { id: "in-4", ...common, type: "sticker", text: null },
    ]);
  });

  test("a word of objection puts the sender on the list, a sentence does not", async () => {
    const messages = [
      text("stop-1", "¡Baja!", "34633333331"),
      text("stop-2", "no me doy de baja", "34633333332"),
    ];
    expect((await postCloud(app(), device, inboundBody(messages))).status).toBe(200);
    const { rows } = await app().db.pool.query<{ phone: string }>(
      "SELECT phone FROM suppressions WHERE tenant_id = $1 AND phone LIKE '3463333333_'",
      [app().tenantId],
    );
    expect(rows).toEqual([{ phone: "34633333331" }]);
  });

  test("go to the device whose number they were sent to, whoever's address it is", async () => {
    const second = await makeReportingDevice(app(), "whatsapp_cloud", { phoneNumberId: "1002" });
    await postCloud(app(), device, inboundBody([text("to-second", "hola")], "1002"));
    await postCloud(app(), device, inboundBody([text("to-nobody", "hola")], "1003"));
    const { rows } = await app().db.pool.query(
      "SELECT device_id FROM inbound_messages WHERE provider_message_id LIKE 'to-%'",
    );
    expect(rows).toEqual([{ device_id: second.id }]);
  });
});
