import type { CampaignCreated, ReportData } from "@pregonero/contracts";
import { uuidv7 } from "@pregonero/db";
import { makeDevice, makeTenant } from "@pregonero/db/testing";
import { openBlobStore } from "@pregonero/storage";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({
  PAIRING_TIMEOUT_MS: "100",
  COMMAND_WAIT_MS: "100",
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString("base64"),
});

/** Ids of things that are there, by the name of the path parameter and the thing that it belongs to. */
const own: Record<string, string> = {};
let stranger: string;

beforeAll(async () => {
  const { db, tenantId, keyFor } = app();
  const post = async <T>(path: string, json: unknown): Promise<T> =>
    (await app().call<T>("POST", path, { json, key: app().keys.admin })).body;
  const device = await makeDevice(db, tenantId);
  const campaign = await post<CampaignCreated>("/api/v1/campaigns", {
    name: "Mine",
    body: "hi",
    recipients: [{ phone: "+34600123456" }],
    device_ids: [device],
  });
  const { rows } = await db.pool.query<{ id: string }>("SELECT id FROM messages WHERE job_id = $1", [
    campaign.job.id,
  ]);
  await db.pool.query(
    `INSERT INTO browser_context (id, browser_system_id, device_id, worker_id, status)
     VALUES (gen_random_uuid(), gen_random_uuid(), $1, gen_random_uuid(), 'available')`,
    [device],
  );
  const command = uuidv7();
  await db.pool.query("INSERT INTO device_commands (id, device_id, kind) VALUES ($1, $2, 'logout')", [
    command,
    device,
  ]);
  await post("/api/v1/suppressions", { phone: "+34600999999" });
  const conversation = await post<{ id: string; contact_id: string }>("/api/v1/conversations", {
    device_id: device,
    phone: "+34600777777",
  });
  const form = new FormData();
  form.append("file", new Blob(["hi"], { type: "text/plain" }), "hi.txt");
  const media = await app().call<{ id: string }>("POST", "/api/v1/media", { form });
  const rule = { name: "r", kind: "keyword", keywords: ["hi"], reply: "hello" };
  const endpoint = await post<{ id: string }>("/api/v1/webhook-endpoints", {
    url: "https://93.184.216.34/hook",
    event_types: ["*"],
  });
  Object.assign(own, {
    conversations: conversation.id,
    contacts: conversation.contact_id,
    media: media.body.id,
    rules: (await post<{ id: string }>("/api/v1/bot/rules", rule)).id,
    "webhook-endpoints": endpoint.id,
    "webhook-deliveries": String(
      (await post<{ id: number }>(`/api/v1/webhook-endpoints/${endpoint.id}/ping`, {})).id,
    ),
    devices: String(device),
    "browser-contexts": String(device),
    "device-pools": String(
      (await post<{ id: number }>("/api/v1/device-pools", { name: "p", device_ids: [device] })).id,
    ),
    templates: (await post<{ id: string }>("/api/v1/templates", { name: "t", body: "hi" })).id,
    campaigns: campaign.campaign.slug,
    jobs: campaign.job.id,
    "api-keys": (await post<{ id: string }>("/api/v1/api-keys", { name: "k", role: "viewer" })).id,
    suppressions: "34600999999",
    message_id: rows[0]?.id ?? "",
    command_id: command,
    campaign_id: campaign.campaign.slug,
  });
  const target = { kind: "campaign", campaign_id: campaign.campaign.id };
  const timing = { kind: "cron", expression: "0 9 * * *" };
  own["schedules"] = (await post<{ id: string }>("/api/v1/schedules", { name: "daily", target, timing })).id;
  own["exports"] = (await post<{ id: string }>("/api/v1/exports", { job_id: campaign.job.id })).id;
  own["channel"] = `job:${campaign.job.id}`;
  own["campaign_uuid"] = campaign.campaign.id;
  own["job"] = campaign.job.id;
  await makeReport();
  stranger = await keyFor(await makeTenant(db), "admin");
});

/** A scraping job with one report, which has its pictures. */
async function makeReport(): Promise<void> {
  const { db, tenantId, uploadDir, keys } = app();
  const { body } = await app().call<{ id: string }>("POST", "/api/v1/scraping-jobs", {
    json: { domains: ["mine.example"] },
    key: keys.admin,
  });
  const { rows } = await db.pool.query<{ id: string }>("SELECT id FROM scraping_steps WHERE job_id = $1", [
    body.id,
  ]);
  const report = rows[0]?.id ?? "";
  const blobs = openBlobStore({ BLOB_STORE: "disk", BLOB_DIR: join(uploadDir, "blobs"), S3_REGION: "" });
  const picture = `tenant/${tenantId}/screenshots/${report}.jpg`;
  await blobs.put(picture, Buffer.from("x"), { contentType: "image/jpeg" });
  await db.pool.query(
    `INSERT INTO reports (id, tenant_id, job_id, domain, data, screenshot_key, thumbnail_key)
     VALUES ($1, $2, $3, 'mine.example', $4, $5, $5)`,
    [report, tenantId, body.id, JSON.stringify(emptyReport), picture],
  );
  Object.assign(own, { "scraping-jobs": body.id, reports: report, other_id: report });
}

const emptyReport: ReportData = {
  final_url: "https://mine.example/",
  http_status: 200,
  redirects: [],
  tls: null,
  title: null,
  description: null,
  language: null,
  headings: [],
  word_count: 0,
  links: { internal: 0, external: 0, checked: 0, broken: 0, broken_links: [] },
  technologies: [],
  contacts: { emails: [], phones: [], whatsapp: [], social: [] },
  timings: { ttfb_ms: null, dom_ready_ms: null, load_ms: null, visit_ms: 1 },
  weight: { bytes: 0, requests: 0 },
  notes: [],
};

/** The path of a route with ids of the first tenant in it. */
function pathOf(path: string): string {
  return path.replace(/\/([\w-]+)\/\{(\w+)\}/g, (_all, thing: string, name: string) => {
    const id = own[name] ?? own[thing];
    if (id === undefined) throw new Error(`this test knows no ${thing} for {${name}}`);
    return `/${thing}/${id}`;
  });
}

/** A valid body for each route that takes one, pointing at things of the first tenant where it points at anything. */
const bodies = (): Record<string, unknown> => {
  const device = Number(own["devices"]);
  return {
    "post /api/v1/devices": { name: "d" },
    "patch /api/v1/devices/{id}": { name: "stolen" },
    "post /api/v1/devices/{id}/link": { method: "qr" },
    "put /api/v1/devices/{id}/credentials": {
      kind: "wablas",
      host: "http://127.0.0.1:9",
      token: "t",
      secret_key: "s",
    },
    "post /api/v1/device-pools": { name: "q", device_ids: [device] },
    "put /api/v1/device-pools/{id}": { name: "q", device_ids: [] },
    "post /api/v1/browser-contexts": { device_id: device },
    "patch /api/v1/browser-contexts/{device_id}": { status: "error" },
    "post /api/v1/templates": { name: "t", body: "hi" },
    "patch /api/v1/templates/{id}": { body: "stolen" },
    "post /api/v1/templates/{id}/preview": { variables: {} },
    "post /api/v1/templates/{id}/test-send": { device_id: device, to: "+34600123456" },
    "post /api/v1/campaigns": {
      name: "c",
      template_id: own["templates"],
      recipients: [{ phone: "+34600123456" }],
    },
    "post /api/v1/messages/send": { device, to: "+34600123456", message: "hi" },
    "post /api/v1/messages/bulk": { device_ids: [device], messages: [{ to: "+34600123456", message: "hi" }] },
    "post /messages/send-bulk": { message: "hi", phones: ["+34600123456"] },
    "post /api/v1/suppressions": { phone: "+34600999998" },
    "post /api/v1/suppressions/import": { phones: ["+34600999997"] },
    "patch /api/v1/jobs/{id}": { priority: 1 },
    "post /api/v1/scraping-jobs": { domains: ["theirs.example"] },
    "post /api/jobs/batch-scraping": { domains: ["theirs.example"] },
    "post /api/comments/job": { job_id: own["job"], author: "a", content: "c" },
    "post /api/v1/schedules": {
      name: "s",
      target: { kind: "campaign", campaign_id: own["campaign_uuid"] },
      timing: { kind: "cron", expression: "0 9 * * *" },
    },
    "post /api/v1/exports": { job_id: own["jobs"] },
    "post /api/v1/schedules/preview": { expression: "0 9 * * *" },
    "patch /api/v1/schedules/{id}": { enabled: false },
    "put /api/v1/jobs/{id}/notify": { email: ["eva@example.com"] },
    "post /api/v1/notifications/test": { email: "eva@example.com" },
    "patch /api/v1/settings": { max_running_jobs: 1 },
    "post /api/v1/jobs/{id}/settle-unknown": { as: "failed" },
    "post /api/v1/conversations": { device_id: device, phone: "+34600777777" },
    "patch /api/v1/conversations/{id}": { status: "closed" },
    "post /api/v1/conversations/{id}/messages": { text: "hi" },
    "patch /api/v1/contacts/{id}": { name: "stolen" },
    "patch /api/v1/bot/settings": { hand_over_minutes: 5 },
    "put /api/v1/bot/devices/{id}": { enabled: true },
    "post /api/v1/bot/rules": {
      name: "r",
      kind: "keyword",
      keywords: ["hi"],
      reply: "hello",
      device_ids: [device],
    },
    "patch /api/v1/bot/rules/{id}": { reply: "stolen" },
    "post /api/v1/queues/clean": { older_than_ms: 0 },
    "post /api/v1/api-keys": { name: "k", role: "viewer" },
    "post /api/v1/webhook-endpoints": { url: "https://93.184.216.34/", event_types: ["*"] },
    "patch /api/v1/webhook-endpoints/{id}": { url: "https://93.184.216.34/stolen" },
    "post /api/v1/webhook-endpoints/{id}/rotate-secret": {},
    "post /api/v1/webhook-endpoints/{id}/replay": { since: new Date(0).toISOString() },
  };
};

/** What creates something in the caller's own tenant, and nothing else. */
const createsOwn = new Set([
  "post /api/v1/devices",
  "post /api/v1/templates",
  "post /messages/send-bulk",
  "post /api/v1/suppressions",
  "post /api/v1/suppressions/import",
  "post /api/v1/queues/clean",
  "patch /api/v1/bot/settings",
  "post /api/v1/api-keys",
  "patch /api/v1/settings",
  "post /api/v1/notifications/test",
  "post /api/v1/webhook-endpoints",
  "post /api/v1/scraping-jobs",
  "post /api/jobs/batch-scraping",
]);
/** What takes no JSON; its own tests call it for another tenant. */
const takesForms = new Set([
  "post /api/crear-campana",
  "post /api/v1/campaigns/preview",
  "post /api/v1/media",
]);
/** What names things of others in its body: they are unknown. */
const pointsAtOthers = new Set([
  "post /api/v1/exports",
  "post /api/v1/device-pools",
  "post /api/v1/browser-contexts",
  "post /api/v1/campaigns",
  "post /api/v1/messages/send",
  "post /api/v1/messages/bulk",
  "post /api/v1/schedules",
  "post /api/v1/conversations",
  "post /api/v1/bot/rules",
  "post /api/comments/job",
]);

async function callRoute(route: string, key: string | null): Promise<Answer> {
  const [method = "", path = ""] = route.split(" ");
  const json = bodies()[route];
  return await app().call(method.toUpperCase(), pathOf(path), {
    key,
    ...(json === undefined ? {} : { json }),
  });
}

const routes = (): string[] => app().api.routes.map(({ method, path }) => `${method} ${path}`);

describe("tenants", () => {
  test("without a key every route answers 401, whatever else is wrong", async () => {
    for (const route of routes()) expectProblem(await callRoute(route, null), 401, "unauthenticated");
    for (const route of routes()) expectProblem(await callRoute(route, "pgn_wrong"), 401, "unauthenticated");
  });

  test("a viewer may only look", async () => {
    for (const { method, path, role } of app().api.routes) {
      if (role === "viewer") continue;
      expectProblem(await callRoute(`${method} ${path}`, app().keys.viewer), 403, "forbidden");
    }
  });

  test("things of another tenant are not there, on every route", async () => {
    const before = await snapshot();
    for (const route of routes()) {
      const answer = await callRoute(route, stranger);
      if (route.includes("{")) expectProblem(answer, 404, "not_found");
      else if (takesForms.has(route)) expectProblem(answer, 415, "unsupported_media_type");
      else if (pointsAtOthers.has(route)) expect(`${route} ${answer.status}`).toBe(`${route} 422`);
      else if (createsOwn.has(route)) expect(answer.status).toBeLessThan(300);
      else expectNoneOf(route, answer);
    }
    expect(await snapshot()).toEqual(before);
  });

  test("the same calls find them for their own tenant", async () => {
    for (const { method, path } of app().api.routes) {
      if (method !== "get" || path.endsWith("/qr") || path.endsWith("/exports/{id}/file")) continue;
      const { status } = await callRoute(`${method} ${path}`, app().keys.admin);
      expect(`${path} ${status}`).toBe(`${path} 200`);
    }
  });
});

/** A list of somebody who has nothing yet, apart from what the routes before it made. */
function expectNoneOf(route: string, { status, body }: Answer): void {
  expect(`${route} ${status}`).toBe(`${route} 200`);
  const text = JSON.stringify(body);
  for (const [name, id] of Object.entries(own)) {
    if (/^\d{1,6}$/.test(id)) expect(text).not.toMatch(new RegExp(`"(?:id|device_id)":${id}\\b`));
    else expect(`${name}: ${text}`).not.toContain(id);
  }
}

/** Every row of the first tenant. */
async function snapshot(): Promise<string> {
  const { db, tenantId } = app();
  const tables = [
    "devices",
    "device_pools",
    "templates",
    "campaigns",
    "send_messages_jobs",
    "webhook_endpoints",
    "webhook_deliveries",
    "messages",
    "suppressions",
    "schedules",
    "contacts",
    "conversations",
    "chat_media",
    "bot_rules",
    "scraping_jobs",
    "scraping_steps",
    "reports",
    "job_comments",
    "chat_settings",
    "job_notify",
    "notifications",
  ];
  const contents = await Promise.all(
    tables.map(
      async (table) =>
        (await db.pool.query(`SELECT * FROM ${table} WHERE tenant_id = $1 ORDER BY 1`, [tenantId])).rows,
    ),
  );
  const rest = await db.pool.query(
    "SELECT status::text FROM browser_context UNION ALL SELECT status::text FROM device_commands",
  );
  return JSON.stringify([...contents, rest.rows]);
}
