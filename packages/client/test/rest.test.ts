import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PregoneroClient } from "../src/index.ts";
import { automationCalls } from "./rest/automation.ts";
import { conversationCalls } from "./rest/conversations.ts";
import { failure } from "./rest/failure.ts";
import { scrapingCalls } from "./rest/scraping.ts";
import { openApi, type RunningApi } from "./support/api.ts";

let api: RunningApi;
let client: PregoneroClient;
/** "GET /api/v1/devices/7" of each call made. */
const calls = new Set<string>();

beforeAll(async () => {
  api = await openApi();
  const fetch = (url: string, init: RequestInit) => {
    calls.add(`${init.method} ${new URL(url).pathname}`);
    return globalThis.fetch(url, init);
  };
  client = new PregoneroClient({ baseUrl: `${api.baseUrl}/`, token: () => Promise.resolve(api.key), fetch });
});
afterAll(() => api.close());

test("templates", async () => {
  const template = await client.templates.create({ name: "promo", body: "Hola {{nombre|amigo}}" });
  expect(await client.templates.get(template.id)).toEqual(template);
  expect((await client.templates.list()).items).toContainEqual(template);
  expect(await client.templates.preview(template.id, { nombre: "Ana" })).toMatchObject({ text: "Hola Ana" });
  expect(await client.templates.update(template.id, { language: "es_MX" })).toMatchObject({
    language: "es_MX",
  });
  expect(await client.templates.delete(template.id)).toBeUndefined();
  expect(await failure(client.templates.get(template.id))).toMatchObject({ status: 404 });
});

test("devices and pools", async () => {
  const device = await client.devices.create({ name: "ventas" });
  const other = await client.devices.create({ name: "soporte" });
  const all = [];
  for await (const one of client.devices.all()) all.push(one.id);
  expect(all.toSorted((a, b) => a - b)).toEqual([device.id, other.id]);
  expect(await client.devices.update(device.id, { name: "ventas 2" })).toMatchObject({ name: "ventas 2" });
  expect(await client.devices.link(device.id, { method: "qr" })).toMatchObject({ method: "qr", code: null });
  // No worker runs: nobody shows a QR or makes a pairing code.
  expect((await failure(client.devices.qr(device.id))).status).toBeGreaterThanOrEqual(404);
  expect(
    await failure(client.devices.link(device.id, { method: "code", phone: "+34600123456" })),
  ).toMatchObject({
    status: 504,
  });
  expect(
    await failure(client.devices.command(device.id, "00000000-0000-4000-8000-000000000000")),
  ).toMatchObject({
    status: 404,
  });
  const pool = await client.devicePools.create({ name: "todas", device_ids: [device.id] });
  await client.devicePools.replace(pool.id, { name: "todas", device_ids: [device.id, other.id] });
  expect(await client.devicePools.get(pool.id)).toMatchObject({ device_ids: [device.id, other.id] });
  expect(await client.devicePools.list()).toHaveLength(1);
  await client.devicePools.delete(pool.id);
  expect(await client.browserContexts.list()).toEqual([]);
  expect(await client.browserContexts.create(device.id)).toBeNull();
  expect(await failure(client.browserContexts.get(device.id))).toMatchObject({ status: 404 });
  for (const change of [
    () => client.browserContexts.restart(device.id),
    () => client.browserContexts.close(device.id),
    () => client.browserContexts.setStatus(device.id, "closed"),
  ])
    expect(await failure(change())).toMatchObject({ status: 409 });
  await client.devices.unlink(device.id);
  await client.devices.delete(other.id);
  expect(await failure(client.devices.get(other.id))).toMatchObject({ status: 404 });
});

test("a campaign from a list and one from a file, its job and its messages", async () => {
  const made = await client.campaigns.create({
    name: "lista",
    body: "Hola {{name}}",
    recipients: [
      { phone: "+34600111222", variables: { name: "Ana" } },
      { phone: "123", variables: { name: "Nadie" } },
    ],
    start: false,
  });
  expect(made).toMatchObject({ accepted: 1, rejected: 1, job: { status: "paused", total: 1 } });

  const file = new File(["telefono,name\n+34600111333,Luis\n+34600111444,Eva\nnada,X\n"], "enero.csv");
  const uploaded = await client.campaigns.createFromFile(
    { name: "archivo", body: "Hola {{name}}", priority: "high", interval_ms: 5, start: false },
    file,
  );
  expect(uploaded).toMatchObject({ accepted: 2, rejected: 1, campaign: { file_name: "enero.csv" } });
  expect((await client.campaigns.rejections("archivo")).items).toMatchObject([{ line: 4 }]);
  const rejections = [];
  for await (const row of client.campaigns.allRejections("archivo")) rejections.push(row);
  expect(rejections).toHaveLength(1);
  expect(await client.campaigns.preview({ body: "Hola {{name}}" }, file)).toMatchObject({
    phone_column: 0,
    total: 3,
    accepted: 2,
    rejected_rows: [{ line: 4 }],
  });
  expect(await client.campaigns.get("archivo")).toMatchObject({ id: uploaded.campaign.id });
  expect((await client.campaigns.list({ limit: 1 })).next_cursor).toEqual(expect.any(String));

  const jobId = uploaded.job.id;
  expect((await client.jobs.list({ campaign: uploaded.campaign.id })).items).toMatchObject([{ id: jobId }]);
  const phones = [];
  for await (const message of client.jobs.allMessages(jobId, { limit: 1 })) phones.push(message.phone);
  expect(phones).toEqual(["34600111333", "34600111444"]);
  const [first] = (await client.jobs.messages(jobId, { state: "queued" })).items;
  expect(await client.jobs.message(jobId, first?.id ?? "")).toMatchObject({ text: "Hola Luis", history: [] });
  expect(await client.jobs.resume(jobId)).toMatchObject({ status: "pending" });
  expect(await client.jobs.pause(jobId)).toMatchObject({ status: "paused" });
  expect(await failure(client.jobs.retryFailed(jobId))).toMatchObject({ status: 409 });
  expect(await failure(client.jobs.settleUnknown(jobId, "failed"))).toMatchObject({ status: 409 });
  expect(await client.jobs.cancel(jobId)).toMatchObject({ status: "cancelled" });
  expect(await client.jobs.get(jobId)).toMatchObject({ status: "cancelled", devices: expect.any(Array) });
});

test("a device with an HTTP provider, and a template sent to try it", async () => {
  const device = await client.devices.create({ name: "nube", kind: "whatsapp_cloud" });
  const credentials = {
    kind: "whatsapp_cloud" as const,
    phone_number_id: "100",
    access_token: "a",
    app_secret: "b",
    verify_token: "c",
  };
  // The provider is asked, and nobody is there.
  expect(
    (await failure(client.devices.setCredentials(device.id, credentials))).status,
  ).toBeGreaterThanOrEqual(400);
  expect((await failure(client.devices.test(device.id))).status).toBeGreaterThanOrEqual(400);
  await client.devices.deleteCredentials(device.id);
  expect(await client.devices.resume(device.id)).toMatchObject({ id: device.id });
  const template = await client.templates.create({ name: "prueba de envío", body: "Hola {{name}}" });
  const web = await client.devices.create({ name: "prueba" });
  expect(
    await client.templates.testSend(template.id, {
      device_id: web.id,
      to: "+34600111222",
      variables: { name: "Ana" },
    }),
  ).toMatchObject({ total: 1 });
});

test("sends without a campaign, and the bulk jobs contract", async () => {
  await client.devices.create({ name: "envios" });
  const single = await client.messages.send({ to: "+34600111222", message: "Hola" });
  expect(single).toMatchObject({ total: 1, message_ids: [expect.any(String)] });
  const bulk = await client.messages.sendBulk({
    messages: [{ to: "+34600111222", message: "A" }],
    delay: 10,
  });
  expect(bulk.total).toBe(1);
  const { job } = await client.bulk.send({ message: "Hola", phones: ["+34600111222", "+34600111333"] });
  expect(job).toMatchObject({ status: "pending", total_numbers: 2, devices_limit: 5 });
  expect(await client.bulk.get(job.id)).toEqual(job);
  expect((await client.bulk.list(1)).map(({ id }) => id)).toEqual([job.id]);
  expect(await client.bulk.cancel(job.id)).toMatchObject({ status: "cancelled" });
});

test("suppressions, queues and API keys", async () => {
  const suppression = await client.suppressions.add({ phone: "+34600999888" });
  expect(suppression).toMatchObject({ phone: "34600999888" });
  expect((await client.suppressions.list()).items).toContainEqual(suppression);
  expect(await client.suppressions.import({ phones: ["+34600999777", "x"] })).toMatchObject({
    added: 1,
    rejected: 1,
  });
  expect(await client.suppressions.export()).toContain("34600999777");
  await client.suppressions.remove("34600999777");
  await client.suppressions.remove("34600999888");
  expect((await client.suppressions.list()).items).toEqual([]);
  expect(await client.queues.get()).toMatchObject({ queues: expect.any(Array) });
  expect(await client.queues.clean(1_000)).toMatchObject({ removed: expect.any(Number) });
  const key = await client.apiKeys.create({ name: "CRM", role: "viewer" });
  const viewer = new PregoneroClient({ baseUrl: api.baseUrl, token: key.key });
  expect((await viewer.devices.list()).items.length).toBeGreaterThan(0);
  expect(await failure(viewer.devices.create({ name: "x" }))).toMatchObject({ status: 403 });
  expect(await client.apiKeys.list()).toHaveLength(2);
  await client.apiKeys.revoke(key.id);
  expect(await failure(viewer.devices.list())).toMatchObject({ status: 401 });
});

test("who one is, what is going on, who changed what", async () => {
  expect(await client.me()).toMatchObject({ role: "admin", auth: "required" });
  expect((await client.overview()).throughput).toHaveLength(60);
  expect(await client.fleet()).toMatchObject({ workers: [], total: { in_flight: 0 } });
  const [newest] = (await client.audit.list({ limit: 1, action: "api_key" })).items;
  expect(newest?.action).toMatch(/^api_key\./);
});

describe("failures", () => {
  test("are a PregoneroError with the server's sentence, its status and its problem", async () => {
    const error = await failure(client.bulk.send({ message: "Hola", phones: ["abc"] }));
    expect(error).toMatchObject({ status: 422, problem: { status: 422, errors: [{ path: "phones[0]" }] } });
    expect(error.message).toBe(error.problem?.detail);
  });

  test("without an answer have status 0 and a cause; without a problem document the status is all that is known", async () => {
    const nobody = new PregoneroClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await failure(nobody.devices.list())).toMatchObject({
      status: 0,
      problem: null,
      cause: expect.any(Error),
    });
    const proxy = new PregoneroClient({
      baseUrl: "http://proxy",
      fetch: () => Promise.resolve(new Response("<h1>Bad gateway</h1>", { status: 502 })),
    });
    expect(await failure(proxy.devices.list())).toMatchObject({ status: 502, problem: null });
  });

  test("an aborted call rejects with the signal's reason", async () => {
    const reason = new Error("enough");
    await expect(client.devices.list({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test("channels, read once, and who listens", async () => {
  const devices = await client.channels.read("devices");
  expect(devices).toMatchObject({
    channel: "devices",
    state: { devices: expect.any(Array) },
    position: null,
  });
  const { position } = await client.channels.read("crm");
  expect(await client.channels.read("crm", position ?? "")).toMatchObject({
    position,
    events: [],
    more: false,
  });
  expect(await client.channels.read("crm", "1-7")).toMatchObject({ snapshot_required: "history_gone" });
  expect(await failure(client.channels.read("weather"))).toMatchObject({ status: 404 });
  expect(await failure(client.channels.read("crm", "yesterday"))).toMatchObject({ status: 422 });
  expect(await client.channels.connections()).toMatchObject({ items: [] });
});

conversationCalls(() => client);
scrapingCalls(() => client);
automationCalls(() => client);

test("the same idempotency key creates nothing twice", async () => {
  const options = { idempotencyKey: "once" };
  const first = await client.templates.create({ name: "una vez", body: "x" }, options);
  expect(await client.templates.create({ name: "una vez", body: "x" }, options)).toEqual(first);
});

/** Under `/api` without a version: contracts of clients that exist already. Webhooks: for providers. */
const isOlderContract = (path: string) => /^\/(api\/(?!v\d)|webhooks\/)/.test(path);

test("every call of the API has a method here, and every method a call of the API", async () => {
  const response = await fetch(`${api.baseUrl}/openapi.json`);
  const document: { paths: Record<string, Record<string, unknown>> } = await response.json();
  const paths = Object.entries(document.paths).filter(([path]) => !isOlderContract(path));
  const operations = paths.flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ["get", "post", "put", "patch", "delete"].includes(method))
      .map((method) => ({
        name: `${method.toUpperCase()} ${path}`,
        called: new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      })),
  );
  const made = [...calls].filter((call) => !isOlderContract(call.slice(call.indexOf(" ") + 1)));
  expect(
    operations.filter(({ called }) => !made.some((call) => called.test(call))).map(({ name }) => name),
  ).toEqual([]);
  expect(made.filter((call) => !operations.some(({ called }) => called.test(call)))).toEqual([]);
});
