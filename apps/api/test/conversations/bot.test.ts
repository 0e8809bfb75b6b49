import type { BotRule, BotStatus, ChatMessage, ChatSettings } from "@pregonero/contracts";
import { randomBytes } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { expectProblem } from "../support/api.ts";
import { testApi } from "../support/suite.ts";
import { makeReportingDevice, type ReportingDevice } from "../webhooks/reported.ts";
import { inboxOf, listen } from "./inbox.ts";

const app = testApi({ CREDENTIALS_KEY: randomBytes(32).toString("base64") });
let device: ReportingDevice;
const inbox = inboxOf(app, () => device);
let phones = 34_610_000_000;
const freshPhone = (): string => String(++phones);

const turn = async (enabled: boolean) =>
  await app().call<BotStatus>("PUT", `/api/v1/bot/devices/${device.id}`, { json: { enabled } });
const addRule = async (rule: object) =>
  await app().call<BotRule>("POST", "/api/v1/bot/rules", { json: { name: "rule", ...rule } });
const settings = async (json: object) =>
  await app().call<ChatSettings>("PATCH", "/api/v1/bot/settings", { json });

/** What the bot wrote to that number, oldest first. */
async function answersTo(phone: string): Promise<string[]> {
  const { id } = await inbox.conversation(phone);
  const messages: ChatMessage[] = await inbox.history(id);
  return messages
    .filter(({ origin }) => origin === "bot")
    .map(({ text }) => text ?? "")
    .reverse();
}

beforeAll(async () => {
  device = await makeReportingDevice(app(), "whatsapp_cloud");
  await turn(true);
});

afterEach(async () => {
  await app().db.pool.query("DELETE FROM bot_rules");
  await settings({ business_hours: [], bot_replies_per_hour: 10, opt_out_reply: null });
});

describe("the bot", () => {
  test("is off until somebody turns it on, which is told", async () => {
    await using crm = await listen(app());
    await addRule({ kind: "keyword", keywords: ["precio"], reply: "10 €" });
    await turn(false);
    const phone = freshPhone();
    await inbox.says(phone, "precio");
    expect(await answersTo(phone)).toEqual([]);
    await turn(true);
    await inbox.says(phone, "precio");
    expect(await answersTo(phone)).toEqual(["10 €"]);
    await vi.waitFor(() =>
      expect(crm.of("bot_status_changed").map(({ data }) => data.botStatus)).toMatchObject([
        { device_id: device.id, enabled: false },
        { device_id: device.id, enabled: true },
      ]),
    );
  });

  test("answers by the first rule that fits, word by word, with the contact's name", async () => {
    await addRule({
      kind: "keyword",
      keywords: ["hola"],
      match: "exact",
      reply: "Hola {{name|!}}",
      position: 1,
    });
    await addRule({ kind: "keyword", keywords: ["precio", "cuánto cuesta"], reply: "10 €", position: 2 });
    const phone = freshPhone();
    for (const text of [
      "¡HOLA!",
      "hola, una pregunta",
      "¿Cuanto  cuesta?",
      "lo aprecio",
      "El précio, por favor",
    ]) {
      await inbox.says(phone, text);
    }
    expect(await answersTo(phone)).toEqual(["Hola !", "10 €", "10 €"]);
  });

  test("answers a message that is told many times at once only once", async () => {
    await addRule({ kind: "keyword", keywords: ["hola"], reply: "Hola" });
    const phone = freshPhone();
    await Promise.all(Array.from({ length: 5 }, () => inbox.says(phone, "hola", `wamid.${phone}`)));
    expect(await answersTo(phone)).toEqual(["Hola"]);
    expect(
      await app().count(
        "bot_answers",
        `conversation_id IN (SELECT id FROM conversations WHERE phone = '${phone}')`,
      ),
    ).toBe(1);
  });

  test("keeps quiet after a person has answered, until it is handed back", async () => {
    await addRule({ kind: "keyword", keywords: ["hola"], reply: "Hola" });
    const phone = freshPhone();
    await inbox.says(phone, "hola");
    const { id } = await inbox.conversation(phone);
    await app().call("POST", `/api/v1/conversations/${id}/messages`, { json: { text: "Soy Ana" } });
    await inbox.says(phone, "hola");
    expect(await answersTo(phone)).toEqual(["Hola"]);
    await app().call("PATCH", `/api/v1/conversations/${id}`, { json: { handed_over: false } });
    await inbox.says(phone, "hola");
    expect(await answersTo(phone)).toEqual(["Hola", "Hola"]);
    await app().call("PATCH", `/api/v1/conversations/${id}`, { json: { handed_over: true } });
    // The hand-over ends by itself.
    await app().db.pool.query(
      "UPDATE conversations SET handed_over_until = now() - interval '1 s' WHERE id = $1",
      [id],
    );
    await inbox.says(phone, "hola");
    expect(await answersTo(phone)).toHaveLength(3);
  });

  test("says that nobody is there outside of business hours, once in a while", async () => {
    await addRule({ kind: "away", reply: "Volvemos mañana" });
    const phone = freshPhone();
    await inbox.says(phone, "hola");
    expect(await answersTo(phone)).toEqual([]);
    const day = ((new Date().getUTCDay() + 6) % 7) + 1;
    const otherDay = (day % 7) + 1;
    await settings({ business_hours: [{ days: [(otherDay % 7) + 1], from: "09:00", to: "18:00" }] });
    await inbox.says(phone, "hola");
    await inbox.says(phone, "¿hola?");
    expect(await answersTo(phone)).toEqual(["Volvemos mañana"]);
  });

  test("writes no more to one contact than its limit, and stops before another bot", async () => {
    await addRule({ kind: "keyword", keywords: ["ping"], reply: "ping" });
    await settings({ bot_replies_per_hour: 3 });
    const [slow, fast] = [freshPhone(), freshPhone()];
    for (let n = 0; n < 5; n++) await inbox.says(slow, "ping");
    expect(await answersTo(slow)).toHaveLength(3);
    await settings({ bot_replies_per_hour: 100 });
    for (let n = 0; n < 9; n++) await inbox.says(fast, "ping");
    expect(await answersTo(fast)).toHaveLength(5);
  });

  test("never answers a device of its own tenant, nor what is old news", async () => {
    await addRule({ kind: "keyword", keywords: ["hola"], reply: "Hola" });
    const phone = freshPhone();
    const { db } = app();
    await db.pool.query("UPDATE devices SET phone = $1 WHERE id = $2", [phone, device.id]);
    await inbox.says(phone, "hola");
    expect(await answersTo(phone)).toEqual([]);
    await db.pool.query("UPDATE devices SET phone = NULL WHERE id = $1", [device.id]);
    const { inboundBody, postCloud } = await import("../webhooks/reported.ts");
    const timestamp = String(Math.floor(Date.now() / 1_000) - 3_600);
    await postCloud(
      app(),
      device,
      inboundBody([{ from: phone, id: "old", type: "text", text: { body: "hola" }, timestamp }]),
    );
    expect(await answersTo(phone)).toEqual([]);
  });
});

describe("opting out", () => {
  test("goes by the tenant's own words, is confirmed once, and silences the bot", async () => {
    await addRule({ kind: "keyword", keywords: ["hola"], reply: "Hola" });
    const defaults = await app().call<ChatSettings>("GET", "/api/v1/bot/settings");
    expect(defaults.body.opt_out_words).toContain("baja");
    await settings({ opt_out_words: ["Déjame en paz"], opt_out_reply: "No le escribiremos más." });
    const phone = freshPhone();
    await inbox.says(phone, "baja");
    expect(await app().count("suppressions", `phone = '${phone}'`)).toBe(0);
    await inbox.says(phone, "¡dejame en PAZ!");
    await inbox.says(phone, "déjame en paz");
    await inbox.says(phone, "hola");
    expect(await app().count("suppressions", `phone = '${phone}'`)).toBe(1);
    expect(await answersTo(phone)).toEqual(["No le escribiremos más."]);
    expect(
      await app().count(
        "send_messages_jobs j JOIN messages m ON m.job_id = j.id",
        `m.phone = '${phone}' AND j.past_opt_out`,
      ),
    ).toBe(1);
    await settings({ opt_out_words: defaults.body.opt_out_words });
  });
});

describe("rules", () => {
  test("are changed, listed in their order, deleted, and held to what can be", async () => {
    expectProblem(await addRule({ kind: "keyword", reply: "x" }), 422, "validation_failed");
    expectProblem(await addRule({ kind: "away", reply: "{{" }), 422, "template_invalid");
    expectProblem(await addRule({ kind: "away", reply: "x", device_ids: [999_999] }), 422, "unknown_device");
    const second = await addRule({ kind: "away", reply: "b", position: 2 });
    const first = await addRule({ kind: "keyword", keywords: ["a"], reply: "a", position: 1 });
    expect(second.body).toMatchObject({ cooldown_minutes: 240, device_ids: null, enabled: true });
    const list = await app().call<{ items: BotRule[]; next_cursor: string | null }>(
      "GET",
      "/api/v1/bot/rules?limit=1",
    );
    expect(list.body.items.map(({ id }) => id)).toEqual([first.body.id]);
    const rest = await app().call<{ items: BotRule[] }>(
      "GET",
      `/api/v1/bot/rules?cursor=${list.body.next_cursor ?? ""}`,
    );
    expect(rest.body.items.map(({ id }) => id)).toEqual([second.body.id]);
    const path = `/api/v1/bot/rules/${first.body.id}`;
    expectProblem(await app().call("PATCH", path, { json: { keywords: [] } }), 422, "validation_failed");
    expect((await app().call<BotRule>("PATCH", path, { json: { enabled: false } })).body.enabled).toBe(false);
    expect((await app().call("DELETE", path)).status).toBe(204);
    expectProblem(await app().call("DELETE", path), 404, "not_found");
  });
});
