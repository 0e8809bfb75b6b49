import type { Campaign, CampaignItem, CampaignCreated, SendMessagesJobDetail } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { describe, expect, test } from "vitest";
import type { Answer } from "./support/api.ts";
import { csvOf, upload } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();

const people = (n: number): object[] =>
  Array.from({ length: n }, (_, i) => ({ phone: `+34${600_000_000 + i}` }));

async function create(json: Record<string, unknown>): Promise<CampaignCreated> {
  const body = { name: "Promo", body: "hi", recipients: people(2), ...json };
  const answer = await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json: body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

async function jobOf({ job }: CampaignCreated): Promise<SendMessagesJobDetail> {
  return (await app().call<SendMessagesJobDetail>("GET", `/api/v1/jobs/${job.id}`)).body;
}

describe("campaigns", () => {
  test("a list becomes a campaign, a job and its messages, with the text frozen", async () => {
    const recipients = [
      { phone: "+34 600 123 456", variables: { Nombre: "Ana", total: 12.5, vip: true } },
      { phone: 34600123457, variables: { nombre: "Eva", total: null } },
      { phone: "bad", variables: { nombre: "x", total: 1 } },
    ];
    const created = await create({
      name: "¡Promo Año Nuevo!",
      body: "{{nombre}}: {{total|0}} {{vip|no}}",
      recipients,
    });
    expect(created).toMatchObject({
      accepted: 2,
      rejected: 1,
      campaign: {
        slug: "promo_ano_nuevo",
        name: "¡Promo Año Nuevo!",
        rows: 3,
        file_name: null,
        job_id: created.job.id,
      },
      job: {
        kind: "campaign",
        status: "pending",
        total: 2,
        campaign_id: created.campaign.id,
        devices_limit: 5,
        priority: 5,
      },
      rejected_rows: [{ line: 3, reason: "invalid_number" }],
    });
    const { rows } = await app().db.pool.query(
      "SELECT phone, variables, text, state FROM messages WHERE job_id = $1 ORDER BY seq",
      [created.job.id],
    );
    expect(rows).toEqual([
      {
        phone: "34600123456",
        variables: { nombre: "Ana", total: "12.5", vip: "true" },
        text: null,
        state: "queued",
      },
      { phone: "34600123457", variables: { nombre: "Eva" }, text: null, state: "queued" },
    ]);
  });

  test("names that are taken get a number", async () => {
    const slugs = [];
    for (let n = 0; n < 3; n++) slugs.push((await create({ name: "Same name" })).campaign.slug);
    expect(slugs).toEqual(["same_name", "same_name_2", "same_name_3"]);
    const together = await Promise.all([1, 2, 3, 4].map(() => create({ name: "At once" })));
    expect(together.map(({ campaign }) => campaign.slug).sort()).toEqual([
      "at_once",
      "at_once_2",
      "at_once_3",
      "at_once_4",
    ]);
  });

  test("a campaign is found by its id and by its slug, and in the list, newest first", async () => {
    const first = await create({ name: "Older" });
    const second = await create({ name: "Newer" });
    for (const ref of [first.campaign.id, first.campaign.slug]) {
      expect((await app().call<Campaign>("GET", `/api/v1/campaigns/${ref}`)).body).toEqual(first.campaign);
    }
    const page: Answer<{ items: Campaign[]; next_cursor: string }> = await app().call(
      "GET",
      "/api/v1/campaigns?limit=1",
    );
    expect(page.body.items).toMatchObject([second.campaign]);
    const next: Answer<{ items: Campaign[] }> = await app().call(
      "GET",
      `/api/v1/campaigns?limit=1&cursor=${page.body.next_cursor}`,
    );
    expect(next.body.items).toMatchObject([first.campaign]);
  });

  test("the list says how far each campaign is, and can be searched by name and state", async () => {
    const made = await create({ name: "Rebajas de ENERO", start: false });
    const find = async (query: string) =>
      (await app().call<{ items: CampaignItem[] }>("GET", `/api/v1/campaigns?${query}`)).body.items;
    expect(await find("name=de%20enero")).toMatchObject([
      {
        id: made.campaign.id,
        status: "paused",
        progress: { total: made.accepted, sent: 0, pending: made.accepted, percentage: 0 },
      },
    ]);
    expect(await find("name=de%20enero&status=completed")).toEqual([]);
    expect((await find("status=paused")).map(({ id }) => id)).toContain(made.campaign.id);
    // Not a pattern: what stands for anything in SQL stands for itself here.
    expect(await find("name=%25")).toEqual([]);
  });

  test("a stored template is used by id, by name and by language, as it was then", async () => {
    const make = async (language: string, body: string): Promise<string> => {
      const json = { name: "welcome", language, body };
      return (await app().call<{ id: string }>("POST", "/api/v1/templates", { json })).body.id;
    };
    const es = await make("es", "Hola");
    const en = await make("en", "Hello");
    const byId = await create({ body: undefined, template_id: en });
    expect(byId.campaign).toMatchObject({ body: "Hello", template_id: en });
    expect((await create({ body: undefined, template: "welcome" })).campaign).toMatchObject({
      body: "Hola",
      template_id: es,
    });
    const byLanguage = await create({ body: undefined, template: "welcome", language: "en" });
    expect(byLanguage.campaign.body).toBe("Hello");
    await app().call("PATCH", `/api/v1/templates/${en}`, { json: { body: "Changed" } });
    expect((await app().call<Campaign>("GET", `/api/v1/campaigns/${byId.campaign.id}`)).body.body).toBe(
      "Hello",
    );
  });

  test("devices, pools and limits say who sends", async () => {
    const { db, tenantId } = app();
    const a = await makeDevice(db, tenantId);
    const b = await makeDevice(db, tenantId);
    const c = await makeDevice(db, tenantId, false);
    await app().call("POST", "/api/v1/device-pools", { json: { name: "sales", device_ids: [a, c] } });
    const lanes = async (json: Record<string, unknown>): Promise<unknown> => {
      const { devices, devices_limit } = await jobOf(await create(json));
      return { limit: devices_limit, lanes: devices.map(({ device_id, status }) => [device_id, status]) };
    };
    expect(await lanes({ device_ids: [b, a, b] })).toEqual({
      limit: 2,
      lanes: [
        [a, "active"],
        [b, "active"],
      ],
    });
    expect(await lanes({ pool: "sales" })).toEqual({
      limit: 2,
      lanes: [
        [a, "active"],
        [c, "active"],
      ],
    });
    expect(await lanes({ device_ids: [c], devices_limit: 9 })).toEqual({ limit: 9, lanes: [[c, "active"]] });
    expect(await lanes({ devices_limit: 1 })).toMatchObject({ limit: 1 });
    const { devices } = await jobOf(await create({ devices_limit: 1 }));
    expect(devices.filter(({ status }) => status === "active")).toHaveLength(1);
  });

  test("options are kept, words for priorities too", async () => {
    const options = {
      priority: "high",
      interval_ms: 250,
      max_attempts: 5,
      unknown_policy: "drop",
      start: false,
    };
    const { job } = await create(options);
    expect(job).toMatchObject({
      priority: 8,
      interval_ms: 250,
      max_attempts: 5,
      unknown_policy: "drop",
      status: "paused",
    });
    expect((await create({ priority: 0 })).job.priority).toBe(0);
  });

  test("a form means the same as JSON", async () => {
    const device = await makeDevice(app().db, app().tenantId);
    const fields = {
      name: "Form",
      body: "hi",
      device_ids: `[${device}]`,
      devices_limit: "3",
      interval_ms: "100",
      priority: "low",
      max_attempts: "1",
      unknown_policy: "resend",
      start: "false",
    };
    const { body } = await upload(app(), { csv: csvOf(3), fields });
    expect(body.job).toMatchObject({
      devices_limit: 3,
      interval_ms: 100,
      priority: 2,
      max_attempts: 1,
      unknown_policy: "resend",
      status: "paused",
      total: 3,
    });
    expect((await jobOf(body)).devices).toMatchObject([{ device_id: device }]);
  });

  test("fields may follow the file", async () => {
    const form = new FormData();
    form.append("file", new Blob([csvOf(2)]), "a.csv");
    form.append("name", "Late fields");
    form.append("body", "hi");
    const answer = await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { form });
    expect(answer.body.campaign).toMatchObject({ name: "Late fields", accepted: 2 });
  });

  test("creating one leaves a line in the audit log, without numbers or texts", async () => {
    const { campaign, job } = await create({ name: "Audited", body: "secret words" });
    const { rows } = await app().db.pool.query(
      "SELECT actor, action, detail FROM audit_log WHERE subject = $1",
      [`campaign:${campaign.id}`],
    );
    expect(rows).toEqual([
      {
        actor: "key:test operator",
        action: "campaign.create",
        detail: { slug: "audited", job_id: job.id, accepted: 2, rejected: 0 },
      },
    ]);
  });
});
