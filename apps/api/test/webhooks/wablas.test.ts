import { recordProviderRefs } from "@pregonero/db";
import { makeTenant } from "@pregonero/db/testing";
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "../support/api.ts";
import { testApi } from "../support/suite.ts";
import { makeReportingDevice, makeSentJob, type ReportingDevice } from "./reported.ts";

const app = testApi({ CREDENTIALS_KEY: randomBytes(32).toString("base64") });
let device: ReportingDevice;

beforeAll(async () => {
  device = await makeReportingDevice(app(), "wablas");
});

const post = async (json: unknown, { webhookPath } = device): Promise<Answer> =>
  await app().call("POST", webhookPath, { json, key: null });

const tracking = (refId: string, status: string, note = "") => ({
  id: "w-1",
  phone: "34600000001",
  status,
  note,
  deviceId: "ABC",
  ref_id: refId,
});

async function stateOf(id: string): Promise<unknown> {
  const { rows } = await app().db.pool.query<{ state: string; error_code: string | null }>(
    "SELECT state, error_code FROM messages WHERE provider_message_id = $1",
    [id],
  );
  return rows[0];
}

const sentMessage = async (): Promise<string> =>
  (await makeSentJob(app().db, { tenantId: app().tenantId, deviceId: device.id, messages: 1 })).ids[0] ?? "";

describe("tracking", () => {
  test.each([
    ["pending", { state: "sent", error_code: null }],
    ["delivered", { state: "delivered", error_code: null }],
    ["received", { state: "delivered", error_code: null }],
    ["read", { state: "read", error_code: null }],
    ["reject", { state: "failed", error_code: "not_on_whatsapp" }],
    ["cancel", { state: "failed", error_code: "not_on_whatsapp" }],
  ])("%s", async (status, expected) => {
    const id = await sentMessage();
    for (let again = 0; again < 2; again++) {
      expect((await post(tracking(id, status, "The number is not registered on WhatsApp"))).status).toBe(200);
    }
    expect(await stateOf(id)).toEqual(expected);
  });

  const byGatewayId = (id: string, status: string) => ({ ...tracking("", status), id, ref_id: undefined });

  test("a message that is named by the gateway's own id alone is found by it", async () => {
    const id = await sentMessage();
    await recordProviderRefs(app().db.pool, [{ providerMessageId: id, providerRef: "gw-1" }]);
    expect((await post(byGatewayId("gw-1", "delivered"))).status).toBe(200);
    expect(await stateOf(id)).toMatchObject({ state: "delivered" });
  });

  test("the gateway may be quicker than the worker that writes its id down", async () => {
    const id = await sentMessage();
    const told = post(byGatewayId("gw-2", "read"));
    await recordProviderRefs(app().db.pool, [{ providerMessageId: id, providerRef: "gw-2" }]);
    expect((await told).status).toBe(200);
    expect(await stateOf(id)).toMatchObject({ state: "read" });
  });

  test("an id of another device's gateway is not this one's", async () => {
    const other = await makeReportingDevice(app(), "wablas", { name: "other gateway" });
    const id = await sentMessage();
    await recordProviderRefs(app().db.pool, [{ providerMessageId: id, providerRef: "gw-3" }]);
    expect((await post(byGatewayId("gw-3", "read"), other)).status).toBe(200);
    expect(await stateOf(id)).toMatchObject({ state: "sent" });
  });

  test("failures that come by webhook pause a job that mostly fails", async () => {
    const { jobId, ids } = await makeSentJob(app().db, {
      tenantId: app().tenantId,
      deviceId: device.id,
      messages: 60,
    });
    // With more to send, else it would be over.
    await app().db.pool.query(
      "UPDATE send_messages_jobs SET status = 'running', total = total + 1 WHERE id = $1",
      [jobId],
    );
    const reject = (some: readonly string[]) =>
      Promise.all(some.map((id) => post(tracking(id, "reject", "The number is not registered on WhatsApp"))));
    const status = async () => (await app().call("GET", `/api/v1/jobs/${jobId}`)).body;
    await reject(ids.slice(0, 29));
    // Each told again, as gateways do.
    await reject(ids.slice(0, 29));
    expect((await status()).status).toBe("running");
    await reject(ids.slice(29, 30));
    expect(await status()).toMatchObject({
      status: "paused",
      status_reason: "paused by itself: 30 of the last 60 messages failed (50 %, in 60 s)",
    });
  });

  test("the address of one tenant says nothing of another tenant's messages", async () => {
    const key = await app().keyFor(await makeTenant(app().db), "admin");
    const theirs = await makeReportingDevice(app(), "wablas", { key });
    const id = await sentMessage();
    expect((await post(tracking(id, "read"), theirs)).status).toBe(200);
    expect(await stateOf(id)).toMatchObject({ state: "sent" });
  });
});

describe("messages from outside", () => {
  const incoming = (id: string, more: object) => ({
    id,
    phone: "34644444444",
    message: "STOP",
    messageType: "text",
    deviceId: "ABC",
    isGroup: false,
    ...more,
  });

  test("are stored once, and an objection is heeded", async () => {
    for (let again = 0; again < 2; again++) expect((await post(incoming("i-1", {}))).status).toBe(200);
    expect(await app().count("inbound_messages", "phone = '34644444444' AND text = 'STOP'")).toBe(1);
    expect(await app().count("suppressions", "phone = '34644444444'")).toBe(1);
  });

  test("those of groups and our own are none", async () => {
    await post(incoming("i-2", { isGroup: true }));
    await post(incoming("i-3", { isFromMe: true }));
    expect(await app().count("inbound_messages", "provider_message_id IN ('i-2', 'i-3')")).toBe(0);
  });
});

test("an address that no device has is not there, garbage is 400", async () => {
  expectProblem(
    await post(tracking("x", "read"), { id: 0, webhookPath: "/webhooks/wablas/guess" }),
    404,
    "not_found",
  );
  for (const json of ["{", {}, { id: "1", phone: "x", status: "read" }])
    expect((await post(json)).status).toBe(400);
});
