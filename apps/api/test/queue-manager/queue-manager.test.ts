import type { QueueChange, QueueList, QueueStatus, QueueSystem } from "@pregonero/contracts";
import { registerWorker, uuidv7 } from "@pregonero/db";
import { makeTenant } from "@pregonero/db/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem } from "../support/api.ts";
import { csvOf, intakeRows } from "../support/campaigns.ts";
import { testApi } from "../support/suite.ts";
import { createQueueCampaign } from "./queue-campaigns.ts";

const app = testApi({
  MAX_CSV_SIZE_MB: "1",
  MAX_MESSAGES_PER_CAMPAIGN: "50",
  BATCH_SIZE: "20",
  MAX_CONCURRENT_BATCHES: "3",
  INTERVALO_ENVIO_MS: "250",
  INSTANCE_ID: "cola-1",
});
let deviceId: number;

beforeAll(async () => {
  const { db, tenantId } = app();
  const device = await app().call<{ id: number }>("POST", "/api/v1/devices", { json: { name: "ventas" } });
  deviceId = device.body.id;
  await db.pool.query("UPDATE devices SET wanted = true, linked = true WHERE tenant_id = $1", [tenantId]);
  await app().call("POST", "/api/v1/device-pools", { json: { name: "todos", device_ids: [deviceId] } });
  await app().call("POST", "/api/v1/templates", {
    json: { name: "bienvenida", language: "es", body: "Hola {{nombre|amigo}}" },
  });
  await app().call("POST", "/api/v1/templates", {
    json: { name: "bienvenida", language: "en", body: "Hello {{nombre|friend}}" },
  });
});

async function statusOf(id: string): Promise<QueueStatus> {
  const answer = await app().call<QueueStatus>("GET", `/api/estado-cola/${id}`);
  expect(answer.status).toBe(200);
  return answer.body;
}

async function jobOf(slug: string): Promise<Record<string, unknown>> {
  const { rows } = await app().db.pool.query<Record<string, unknown>>(
    `SELECT j.* FROM send_messages_jobs j JOIN campaigns c ON c.id = j.campaign_id WHERE c.slug = $1`,
    [slug],
  );
  return rows[0] ?? {};
}

describe("creating a campaign", () => {
  test("the CSV becomes messages in the template's words, under the title's slug", async () => {
    const csv = "Nombre;Teléfono\nAna;+34600000001\nEva;+34600000002\nEva otra vez;+34600000002\n";
    const answer = await createQueueCampaign(app(), { csv });
    expect(answer.body).toEqual({
      success: true,
      campaign_id: "promo_enero_2026",
      total_messages: 2,
      message: 'Campaña "Promo Enero 2026" creada con 2 mensajes; 1 filas rechazadas.',
    });
    expect(answer.status).toBe(200);
    expect(await jobOf("promo_enero_2026")).toMatchObject({
      body: "Hola {{nombre|amigo}}",
      batch_size: 20,
      max_concurrent: 60,
      interval_ms: 250,
      devices_named: true,
    });
    expect(await statusOf("promo_enero_2026")).toEqual({
      campaign_id: "promo_enero_2026",
      total: 2,
      pending: 2,
      sent: 0,
      failed: 0,
      progress: 0,
    });
  });

  test("a slug that is taken gets a number, and the UUID works as well", async () => {
    const first = await createQueueCampaign(app(), { csv: csvOf(1), titulo_campana: "Día de la madre" });
    const second = await createQueueCampaign(app(), { csv: csvOf(1), titulo_campana: "dia de la  Madre" });
    expect(first.body.campaign_id).toBe("dia_de_la_madre");
    expect(second.body.campaign_id).toBe("dia_de_la_madre_2");
    const { campaign_id } = await jobOf("dia_de_la_madre_2");
    expect(await statusOf(String(campaign_id))).toMatchObject({ campaign_id: "dia_de_la_madre_2" });
  });

  test.each(["ventas", "todos", "id"])("the mailbox %s names the senders", async (name) => {
    const buzon = name === "id" ? String(deviceId) : name;
    const { body } = await createQueueCampaign(app(), {
      csv: csvOf(1),
      titulo_campana: `Buzon ${name}`,
      buzon,
    });
    const lanes = await app().db.pool.query("SELECT device_id FROM lanes WHERE job_id = $1", [
      (await jobOf(body.campaign_id))["id"],
    ]);
    expect(lanes.rows).toEqual([{ device_id: deviceId }]);
  });

  test("the language chooses between templates of one name", async () => {
    const { body } = await createQueueCampaign(app(), {
      csv: csvOf(1),
      titulo_campana: "English",
      idioma: "en",
    });
    expect(await jobOf(body.campaign_id)).toMatchObject({ body: "Hello {{nombre|friend}}" });
  });

  test("the same request twice with one Idempotency-Key is one campaign", async () => {
    const form = { csv: csvOf(1), titulo_campana: "Una vez" };
    const headers = { "idempotency-key": "una-vez" };
    const first = await createQueueCampaign(app(), form, { headers });
    const again = await createQueueCampaign(app(), form, { headers });
    expect(again.body).toEqual(first.body);
    expect(await app().count("campaigns", "name = 'Una vez'")).toBe(1);
  });
});

describe("failures", () => {
  const cases = [
    ["an unknown template", { plantilla: "nada" }, 422, "unknown_template"],
    ["a template that the language does not have", { idioma: "pt" }, 422, "unknown_template"],
    ["an unknown mailbox", { buzon: "nadie" }, 422, "unknown_device"],
    ["a title without text", { titulo_campana: " " }, 422, "validation_failed"],
    ["a file without numbers", { csv: "nombre\nAna\n" }, 422, "broken_csv"],
    ["more messages than the limit", { csv: csvOf(51) }, 413, "too_large"],
    ["a larger file than the limit", { csv: csvOf(40, () => `,${"x".repeat(40_000)}`) }, 413, "too_large"],
  ] as const;

  test.each(cases)("%s: success is false, and nothing is created", async (_what, form, status, code) => {
    const before = await intakeRows(app());
    const answer = await createQueueCampaign<Record<string, unknown>>(app(), { csv: csvOf(1), ...form });
    const detail = expectProblem(answer, status, code);
    expect(answer.body).toMatchObject({ success: false, message: detail });
    expect(await intakeRows(app())).toEqual(before);
  });

  test("the limits are named", async () => {
    const many = await createQueueCampaign<Record<string, unknown>>(app(), { csv: csvOf(51) });
    expect(many.body["message"]).toContain("50 messages");
    const large = await createQueueCampaign<Record<string, unknown>>(app(), { csv: "x".repeat(1_049_000) });
    expect(large.body["message"]).toContain("1 MB");
  });

  test("who is not signed in, and who asks for what is not there, is told in the same form", async () => {
    const unknown = await app().call("GET", "/api/estado-cola/nada");
    expectProblem(unknown, 404, "not_found");
    const nobody = await app().call("GET", "/api/listar-campanas", { key: null });
    expectProblem(nobody, 401, "unauthenticated");
    const json = await app().call("POST", "/api/crear-campana", { json: {} });
    expectProblem(json, 415, "unsupported_media_type");
    for (const { body } of [unknown, nobody, json]) {
      expect(body).toMatchObject({ success: false, message: body["detail"] });
    }
  });
});

describe("a campaign at work", () => {
  test("pausing, resuming and cancelling answer with the state", async () => {
    const { body } = await createQueueCampaign(app(), { csv: csvOf(3), titulo_campana: "Pausas" });
    const change = async (word: string) =>
      await app().call<QueueChange>("POST", `/api/campanas/${body.campaign_id}/${word}`);
    expect((await change("pausar")).body).toEqual({
      campaign_id: "pausas",
      total: 3,
      pending: 3,
      sent: 0,
      failed: 0,
      progress: 0,
      estado: "pausada",
    });
    expect((await change("reanudar")).body).toMatchObject({ estado: "pendiente" });
    expect((await change("cancelar")).body).toMatchObject({ estado: "cancelada", pending: 0, progress: 100 });
    const again = await change("cancelar");
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ success: false });
  });

  test("the list has the campaigns that have not ended, newest first", async () => {
    const { body } = await createQueueCampaign(app(), { csv: csvOf(2), titulo_campana: "La ultima" });
    const list = await app().call<QueueList>("GET", "/api/listar-campanas");
    expect(list.body.campaigns[0]).toEqual({
      id: body.campaign_id,
      total: 2,
      pending: 2,
      sent: 0,
      failed: 0,
    });
    expect(list.body.total_campaigns).toBe(list.body.campaigns.length);
    expect(list.body.campaigns.map(({ id }) => id)).not.toContain("pausas");
  });

  test("another tenant sees none of it", async () => {
    const key = await app().keyFor(await makeTenant(app().db), "admin");
    const list = await app().call<QueueList>("GET", "/api/listar-campanas", { key });
    expect(list.body).toEqual({ campaigns: [], total_campaigns: 0 });
    for (const path of ["/api/estado-cola/promo_enero_2026"]) {
      expect((await app().call("GET", path, { key })).status).toBe(404);
    }
    const cancel = await app().call("POST", "/api/campanas/promo_enero_2026/cancelar", { key });
    expect(cancel.status).toBe(404);
    const create = await createQueueCampaign(app(), { csv: csvOf(1) }, { key });
    expect(create.status).toBe(422);
  });
});

describe("the system", () => {
  test("says whether a worker is alive", async () => {
    const system = async () => (await app().call<QueueSystem>("GET", "/api/estado-sistema")).body;
    expect(await system()).toEqual({
      instance_id: "cola-1",
      uptime_seconds: expect.any(Number),
      worker_running: false,
      redis_connected: true,
      batch_size: 20,
      max_concurrent: 60,
    });
    const id = uuidv7();
    await registerWorker(app().db, { id, name: "w", host: "h", pid: 1, version: "1", slots: 1 });
    expect(await system()).toMatchObject({ worker_running: true });
    await app().db.pool.query(
      "UPDATE workers SET heartbeat_at = now() - interval '2 minutes' WHERE id = $1",
      [id],
    );
    expect(await system()).toMatchObject({ worker_running: false });
  });
});
