import type { ChatMessage, Contact, Conversation } from "@pregonero/contracts";
import { applyOutcomes } from "@pregonero/db";
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";
import { makeReportingDevice, makeSentJob, type ReportingDevice } from "../webhooks/reported.ts";
import { inboxOf, listen } from "./inbox.ts";

const app = testApi({ CREDENTIALS_KEY: randomBytes(32).toString("base64") });
let device: ReportingDevice;
const inbox = inboxOf(app, () => device);

beforeAll(async () => {
  device = await makeReportingDevice(app(), "whatsapp_cloud");
});

describe("what comes in", () => {
  test("makes a contact and a conversation, counts as unread, and is told with its conversation", async () => {
    await using crm = await listen(app());
    await inbox.says("34699000001", "¿Tienen hora mañana?");
    await inbox.says("34699000001", "¿Hola?");

    const conversation = await inbox.conversation("34699000001");
    expect(conversation).toMatchObject({
      device_id: device.id,
      phone: "34699000001",
      status: "open",
      unread_count: 2,
      handed_over: false,
      last_message: { direction: "inbound", preview: "¿Hola?" },
    });
    expect((await inbox.history(conversation.id)).map(({ text }) => text)).toEqual([
      "¿Hola?",
      "¿Tienen hora mañana?",
    ]);
    await vi.waitFor(() => expect(crm.of("new_message")).toHaveLength(2));
    expect(crm.of("new_message")[1]?.data).toMatchObject({
      message: { text: "¿Hola?", direction: "inbound", conversation_id: conversation.id },
      conversation: { id: conversation.id, unread_count: 2 },
    });
    await vi.waitFor(() => expect(crm.of("conversation_updated").length).toBeGreaterThan(1));
  });

  test("told twice, one after the other and at once, it is one message", async () => {
    await Promise.all(Array.from({ length: 4 }, () => inbox.says("34699000002", "once", "wamid.once")));
    await inbox.says("34699000002", "once", "wamid.once");
    const conversation = await inbox.conversation("34699000002");
    expect(conversation.unread_count).toBe(1);
    expect(await inbox.history(conversation.id)).toHaveLength(1);
  });

  test("opens a conversation that was closed", async () => {
    await inbox.says("34699000003", "one");
    const { id } = await inbox.conversation("34699000003");
    await app().call("PATCH", `/api/v1/conversations/${id}`, { json: { status: "closed" } });
    expect(await inbox.conversation("34699000003")).toMatchObject({ status: "closed", unread_count: 0 });
    await inbox.says("34699000003", "two");
    expect(await inbox.conversation("34699000003")).toMatchObject({ status: "open", unread_count: 1 });
  });
});

describe("the history", () => {
  test("holds the messages of campaigns in their place, page by page, without gap or double", async () => {
    const job = await makeSentJob(app().db, {
      tenantId: app().tenantId,
      deviceId: device.id,
      messages: 1,
      state: "sending",
    });
    const { rows } = await app().db.pool.query<{ phone: string }>(
      "SELECT phone FROM messages WHERE job_id = $1",
      [job.jobId],
    );
    const phone = rows[0]?.phone ?? "";
    await inbox.says(phone, "before");
    const [providerMessageId = ""] = job.ids;
    await applyOutcomes(app().db, [{ providerMessageId, state: "sent", at: new Date(Date.now() + 1_500) }]);
    await applyOutcomes(app().db, [{ providerMessageId, state: "read", at: new Date() }]);
    const { id } = await inbox.conversation(phone);
    await app().call("POST", `/api/v1/conversations/${id}/messages`, { json: { text: "answer" } });

    const seen: ChatMessage[] = [];
    let cursor: string | null = null;
    do {
      const { body }: { body: { items: ChatMessage[]; next_cursor: string | null } } = await app().call(
        "GET",
        `/api/v1/conversations/${id}/messages?limit=1${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...body.items);
      cursor = body.next_cursor;
    } while (cursor !== null);
    expect(new Set(seen.map((message) => message.id)).size).toBe(3);
    expect(new Set(seen.map(({ origin }) => origin))).toEqual(new Set(["campaign", "reply", null]));
    expect(seen.find(({ origin }) => origin === "campaign")).toMatchObject({
      state: "read",
      job_id: job.jobId,
    });
    expect(seen.at(-1)).toMatchObject({ text: "before", direction: "inbound" });
  });
});

describe("replies", () => {
  const reply = async (id: string, json: unknown, headers: Record<string, string> = {}) =>
    await app().call<ChatMessage>("POST", `/api/v1/conversations/${id}/messages`, { json, headers });

  test("go from the conversation's own device, first of all, and once for each key", async () => {
    await using crm = await listen(app());
    await inbox.says("34600000010", "hola");
    const { id } = await inbox.conversation("34600000010");
    const key = { "idempotency-key": crypto.randomUUID() };
    const first = await reply(id, { text: "Buenos días" }, key);
    const second = await reply(id, { text: "Buenos días" }, key);

    expect(first).toMatchObject({
      status: 202,
      body: { origin: "reply", state: "queued", text: "Buenos días" },
    });
    expect(second.body.id).toBe(first.body.id);
    const { rows } = await app().db.pool.query(
      `SELECT j.kind, j.lane_class, j.devices_named, l.device_id, m.phone FROM messages m
       JOIN send_messages_jobs j ON j.id = m.job_id JOIN lanes l ON l.job_id = j.id WHERE m.id = $1`,
      [first.body.id],
    );
    expect(rows).toEqual([
      {
        kind: "single",
        lane_class: "interactive",
        devices_named: true,
        device_id: device.id,
        phone: "34600000010",
      },
    ]);
    expect(await inbox.conversation("34600000010")).toMatchObject({
      unread_count: 0,
      handed_over: true,
      last_message: { direction: "outbound", preview: "Buenos días" },
    });
    await vi.waitFor(() =>
      expect(crm.of("new_message").map(({ data }) => data.message.id)).toContain(first.body.id),
    );
    // A reply is no job of anybody's list.
    const { body } = await app().call<{ items: { id: string }[] }>("GET", "/api/v1/jobs?limit=100");
    expect(body.items.map((job) => job.id)).not.toContain(first.body.job_id);
  });

  test("tell how they fare", async () => {
    await inbox.says("34600000011", "hola");
    const { id } = await inbox.conversation("34600000011");
    const { body } = await reply(id, { text: "sí" });
    await app().db.pool.query(
      `UPDATE messages SET state = 'sending', device_id = $2, provider_message_id = $1::text,
         send_by = now() + interval '1 minute' WHERE id = $1::uuid`,
      [body.id, device.id],
    );
    await using crm = await listen(app());
    const { postCloud, statusBody } = await import("../webhooks/reported.ts");
    await postCloud(app(), device, statusBody([{ id: body.id, status: "delivered" }]));
    await vi.waitFor(() =>
      expect(crm.of("message_status_updated").map(({ data }) => data)).toContainEqual({
        message_id: body.id,
        conversation_id: id,
        status: "delivered",
      }),
    );
  });

  test("to who asked for no more messages are refused until they write again", async () => {
    await inbox.says("34600000012", "BAJA");
    const { id } = await inbox.conversation("34600000012");
    expectProblem(await reply(id, { text: "hola" }), 409, "conflict");
    await app().db.pool.query(
      "UPDATE suppressions SET created_at = created_at - interval '1 minute' WHERE phone = '34600000012'",
    );
    await inbox.says("34600000012", "perdón, sí que tengo una pregunta");
    const { body, status } = await reply(id, { text: "dígame" });
    expect(status).toBe(202);
    const { rows } = await app().db.pool.query("SELECT past_opt_out FROM send_messages_jobs WHERE id = $1", [
      body.job_id,
    ]);
    expect(rows).toEqual([{ past_opt_out: true }]);
  });

  test("need a text or a file that is there", async () => {
    await inbox.says("34600000013", "hola");
    const { id } = await inbox.conversation("34600000013");
    expectProblem(await reply(id, {}), 422, "validation_failed");
    expectProblem(await reply(id, { media_id: crypto.randomUUID() }), 422, "validation_failed");
  });
});

describe("conversations", () => {
  test("are found by what is unread, by their contact's name and by the number", async () => {
    await inbox.says("34600000020", "hola");
    await inbox.says("34600000021", "hola");
    const { id, contact_id } = await inbox.conversation("34600000020");
    await app().call("PATCH", `/api/v1/contacts/${contact_id}`, {
      json: { name: "Zoë Núñez", notes: "VIP" },
    });
    const found = async (query: string) => {
      const { body } = await app().call<{ items: Conversation[] }>(
        "GET",
        `/api/v1/conversations?limit=200&${query}`,
      );
      return body.items.map((item) => item.phone);
    };
    expect(await found("search=zoë")).toEqual(["34600000020"]);
    expect((await found("search=%2B3460000002")).toSorted()).toEqual(["34600000020", "34600000021"]);
    expect(await found("search=100%25")).toEqual([]);
    expect(await found("unread=true")).toContain("34600000020");
    const read = await app().call<Conversation>("POST", `/api/v1/conversations/${id}/read`);
    expect(read.body.unread_count).toBe(0);
    expect(await found("unread=true")).not.toContain("34600000020");
    const { rows } = await app().db.pool.query(
      "SELECT params ->> 'phone' AS phone FROM device_commands WHERE kind = 'mark_read' AND device_id = $1",
      [device.id],
    );
    expect(rows).toContainEqual({ phone: "34600000020" });
  });

  test("and contacts hide their numbers from viewers", async () => {
    await inbox.says("34600000022", "hola");
    const { key } = { key: app().keys.viewer };
    const list = await app().call<{ items: Conversation[] }>("GET", "/api/v1/conversations", { key });
    expect(list.body.items.every(({ phone }) => !/^\d{9,}$/.test(phone))).toBe(true);
    const contacts = await app().call<{ items: Contact[] }>("GET", "/api/v1/contacts", { key });
    expect(contacts.body.items.length).toBeGreaterThan(0);
    expect(contacts.body.items.every(({ phone }) => !/^\d{9,}$/.test(phone))).toBe(true);
  });

  test("can be begun by us", async () => {
    const json = { device_id: device.id, phone: "+34 600 00 00 30", contact_name: "Ana" };
    const made = await app().call<Conversation>("POST", "/api/v1/conversations", { json });
    expect(made).toMatchObject({ status: 201, body: { phone: "34600000030", contact_name: "Ana" } });
    expect(made.body.last_message).toBeNull();
    const again = await app().call<Conversation>("POST", "/api/v1/conversations", { json });
    expect(again).toMatchObject({ status: 200, body: { id: made.body.id } });
  });
});
