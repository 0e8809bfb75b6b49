import type { CampaignCreated, SendAccepted, Template } from "@pregonero/contracts";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueueCampaign } from "./queue-manager/queue-campaigns.ts";
import { expectProblem, type Answer } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi();
let cloud: number;
let web: number;
let template: Template;

const provider = {
  name: "promo_v2",
  language: "es",
  components: [{ type: "body", parameters: [{ type: "text", text: "{{nombre}}" }] }],
};

const post = async <Body = Record<string, unknown>>(path: string, json: unknown): Promise<Answer<Body>> =>
  await app().call<Body>("POST", path, { json });

beforeAll(async () => {
  cloud = (await post<{ id: number }>("/api/v1/devices", { name: "oficial", kind: "whatsapp_cloud" })).body
    .id;
  web = (await post<{ id: number }>("/api/v1/devices", { name: "web" })).body.id;
  const made = await post<Template>("/api/v1/templates", {
    name: "promo",
    body: "Hola {{apodo|tú}}",
    provider,
  });
  expect(made.body.provider).toEqual(provider);
  template = made.body;
});

async function jobRow(id: string): Promise<Record<string, unknown>> {
  const { rows } = await app().db.pool.query<Record<string, unknown>>(
    "SELECT body, content, max_concurrent, batch_size, auto_pause, lane_class FROM send_messages_jobs WHERE id = $1",
    [id],
  );
  return rows[0] ?? {};
}

const create = async <Body = CampaignCreated>(json: object): Promise<Answer<Body>> =>
  await post<Body>("/api/v1/campaigns", { name: "c", recipients: [{ phone: "+34600000001" }], ...json });

describe("content other than text", () => {
  const media = {
    kind: "media",
    media_type: "image",
    link: "https://example.com/{{codigo}}.png",
    caption: "Hola {{nombre}}",
  };

  test("its variables are asked of every recipient", async () => {
    const { status, body } = await create({
      content: media,
      device_ids: [web],
      recipients: [
        { phone: "+34600000001", variables: { codigo: "a1", nombre: "Ana" } },
        { phone: "+34600000002", variables: { nombre: "Eva" } },
      ],
      max_concurrent: 7,
      batch_size: 3,
      auto_pause: { failure_rate: 0.2 },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ accepted: 1, rejected_rows: [{ line: 2, reason: "missing_variable" }] });
    expect(await jobRow(body.job.id)).toMatchObject({
      body: null,
      content: media,
      max_concurrent: 7,
      batch_size: 3,
      auto_pause: { enabled: true, failure_rate: 0.2 },
    });
    const { rows } = await app().db.pool.query("SELECT variables FROM messages WHERE job_id = $1", [
      body.job.id,
    ]);
    expect(rows).toEqual([{ variables: { codigo: "a1", nombre: "Ana" } }]);
  });

  test("a text beside it, or a broken variable in it, is refused", async () => {
    expectProblem(await create({ content: media, body: "hi" }), 422, "validation_failed");
    expectProblem(await create({ content: { ...media, caption: "Hola {{" } }), 422, "template_invalid");
  });
});

describe("a template that WhatsApp has approved", () => {
  const recipients = [{ phone: "+34600000001", variables: { nombre: "Ana" } }];

  test("goes out where every sender is of the Cloud API, the text elsewhere", async () => {
    const official = await create({ template: "promo", device_ids: [cloud], recipients });
    expect(await jobRow(official.body.job.id)).toMatchObject({
      body: null,
      content: { kind: "template", ...provider },
    });
    expect(official.body.campaign).toMatchObject({ body: "Hola {{apodo|tú}}", template_id: template.id });
    for (const device_ids of [[web], [web, cloud]]) {
      const { body } = await create({ template: "promo", device_ids, recipients });
      expect(await jobRow(body.job.id)).toMatchObject({ body: "Hola {{apodo|tú}}", content: null });
    }
  });

  test("is what a mailbox of the queue manager sends", async () => {
    const form = { csv: "telefono,nombre\n+34600000001,Ana\n", plantilla: "promo", buzon: "oficial" };
    const { body } = await createQueueCampaign(app(), form);
    expect(body).toMatchObject({ success: true, total_messages: 1 });
    const { rows } = await app().db.pool.query<{ content: unknown }>(
      "SELECT j.content FROM send_messages_jobs j JOIN campaigns c ON c.id = j.campaign_id WHERE c.slug = $1",
      [body.campaign_id],
    );
    expect(rows).toEqual([{ content: { kind: "template", ...provider } }]);
  });

  test("can be sent to one number, before all bulk work", async () => {
    const path = `/api/v1/templates/${template.id}/test-send`;
    const missing = await post(path, { device_id: cloud, to: "+34600000009" });
    expect(expectProblem(missing, 422, "validation_failed")).toContain("{{nombre}}");
    const sent = await post<SendAccepted>(path, {
      device_id: cloud,
      to: "+34600000009",
      variables: { Nombre: "Ana" },
    });
    expect(sent).toMatchObject({ status: 202, body: { total: 1 } });
    expect(await jobRow(sent.body.job_id)).toMatchObject({
      lane_class: "interactive",
      content: { kind: "template" },
    });
    const asText = await post<SendAccepted>(path, { device_id: web, to: "+34600000009" });
    expect(await jobRow(asText.body.job_id)).toMatchObject({ body: "Hola {{apodo|tú}}", content: null });
    expectProblem(await post(path, { device_id: 999_999, to: "+34600000009" }), 422, "unknown_device");
  });

  test("can be taken away again", async () => {
    const path = `/api/v1/templates/${template.id}`;
    const changed = await app().call<Template>("PATCH", path, { json: { provider: null } });
    expect(changed.body.provider).toBeNull();
    const kept = await app().call<Template>("PATCH", path, { json: { body: "x" } });
    expect(kept.body).toMatchObject({ body: "x", provider: null });
  });
});
