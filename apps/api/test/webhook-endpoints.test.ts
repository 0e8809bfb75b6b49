import type {
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from "@pregonero/contracts";
import { beforeEach, describe, expect, test } from "vitest";
import { expectProblem } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({
  CREDENTIALS_KEY: Buffer.alloc(32, 7).toString("base64"),
  OUTBOUND_ALLOW: "10.9.0.0/16",
});

const path = "/api/v1/webhook-endpoints";
const deliveries = "/api/v1/webhook-deliveries";

const admin = <T = Record<string, unknown>>(method: string, to: string, json?: unknown) =>
  app().call<T>(method, to, { key: app().keys.admin, ...(json === undefined ? {} : { json }) });

async function create(more: Record<string, unknown> = {}): Promise<WebhookEndpointWithSecret> {
  const body = {
    url: "https://93.184.216.34/hook?token=abc",
    event_types: ["message.sent", "message.sent"],
    ...more,
  };
  const answer = await admin<WebhookEndpointWithSecret>("POST", path, body);
  expect(answer.status).toBe(201);
  return answer.body;
}

async function emit(times = 1, type = "message.sent"): Promise<void> {
  await app().db.pool.query(
    "SELECT emit_webhook_event($1, $2, clock_timestamp(), '{}') FROM generate_series(1, $3)",
    [app().tenantId, type, times],
  );
}

const audited = async (subject: string): Promise<unknown[]> => {
  const { rows } = await app().db.pool.query<{ action: string }>(
    "SELECT action FROM audit_log WHERE subject = $1 ORDER BY id",
    [subject],
  );
  return rows.map((row) => row.action);
};

beforeEach(async () => {
  await app().db.pool.query("TRUNCATE webhook_endpoints, webhook_deliveries");
});

describe("endpoints", () => {
  test("the secret is in the answer to their making, sealed in the row, and nowhere else", async () => {
    const made = await create();
    expect(made).toMatchObject({ event_types: ["message.sent"], enabled: true, failures: 0 });
    expect(made.secret).toMatch(/^whsec_[\w-]{43}$/);
    const { rows } = await app().db.pool.query<{ row: string }>(
      "SELECT concat(e::text, encode(secret, 'escape'), (SELECT string_agg(a::text, '') FROM audit_log a)) AS row FROM webhook_endpoints e",
    );
    expect(rows[0]?.row).not.toContain(made.secret);
    const listed = await app().call<{ items: WebhookEndpoint[] }>("GET", path);
    expect(listed.body.items).toEqual([expect.not.objectContaining({ secret: expect.anything() })]);
    expect((await app().call("GET", `${path}/${made.id}`)).body).toEqual(listed.body.items[0]);
    expect(await audited(`webhook_endpoint:${made.id}`)).toEqual(["webhook_endpoint.create"]);
  });

  test.each([
    ["http://127.0.0.1:9/hook", "private network"],
    ["https://localhost/hook", "private network"],
    ["https://[::ffff:169.254.169.254]/", "private network"],
    ["https://user:secret@93.184.216.34/", "user name"],
    ["ftp://93.184.216.34/", "https://"],
  ])("%s is refused, when it is made and when it is changed", async (url, words) => {
    const made = await create();
    for (const answer of [
      await admin("POST", path, { url, event_types: ["*"] }),
      await admin("PATCH", `${path}/${made.id}`, { url }),
    ]) {
      expect(expectProblem(answer, 422, "validation_failed")).toContain(words);
      expect(answer.body["errors"]).toMatchObject([{ path: "url" }]);
    }
  });

  test("a private address that the operator allows is taken", async () => {
    expect((await create({ url: "http://10.9.1.2:8080/hook" })).url).toBe("http://10.9.1.2:8080/hook");
  });

  test("only admins change them; viewers do not see them", async () => {
    const { id } = await create();
    const { keys, call } = app();
    const json = { url: "https://93.184.216.34/", event_types: ["*"] };
    expectProblem(await call("POST", path, { json }), 403, "forbidden");
    expectProblem(await call("PATCH", `${path}/${id}`, { json: { enabled: false } }), 403, "forbidden");
    expectProblem(await call("POST", `${path}/${id}/rotate-secret`, { json: {} }), 403, "forbidden");
    expectProblem(await call("DELETE", `${path}/${id}`), 403, "forbidden");
    expectProblem(await call("GET", path, { key: keys.viewer }), 403, "forbidden");
    expectProblem(await call("GET", deliveries, { key: keys.viewer }), 403, "forbidden");
  });

  test("a disabled one gets no events; an enabled one is forgiven", async () => {
    const { id } = await create();
    await admin("PATCH", `${path}/${id}`, { enabled: false, description: "our CRM" });
    await emit();
    expect((await app().call<{ items: unknown[] }>("GET", deliveries)).body.items).toEqual([]);
    expectProblem(await app().call("POST", `${path}/${id}/ping`, { json: {} }), 409, "conflict");
    await app().db.pool.query("UPDATE webhook_endpoints SET failures = 30, disabled_reason = 'It failed.'");
    const again = await admin<WebhookEndpoint>("PATCH", `${path}/${id}`, { enabled: true });
    expect(again.body).toMatchObject({
      enabled: true,
      failures: 0,
      disabled_reason: null,
      description: "our CRM",
    });
  });

  test("a rotated secret is another one, and says how long the former one holds", async () => {
    const made = await create();
    const rotated = await admin<WebhookEndpointWithSecret>("POST", `${path}/${made.id}/rotate-secret`, {
      overlap_hours: 2,
    });
    expect(rotated.body.secret).not.toBe(made.secret);
    const hours = (Date.parse(rotated.body.old_secret_until ?? "") - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    const at_once = await admin<WebhookEndpoint>("POST", `${path}/${made.id}/rotate-secret`, {
      overlap_hours: 0,
    });
    expect(at_once.body.old_secret_until).toBeNull();
  });

  test("a tenant has twenty at most", async () => {
    for (let n = 0; n < 20; n++) await create();
    const one = { url: "https://93.184.216.34/", event_types: ["*"] };
    expectProblem(await admin("POST", path, one), 409, "conflict");
  });

  test("the catalogue has a schema for the data of each event", async () => {
    const { body } = await app().call<{ items: { type: string; data: { properties: object } }[] }>(
      "GET",
      "/api/v1/webhook-event-types",
      { key: app().keys.viewer },
    );
    const sent = body.items.find((item) => item.type === "message.sent");
    expect(Object.keys(sent?.data.properties ?? {})).toContain("provider_message_id");
  });
});

describe("deliveries", () => {
  test("a ping is a delivery that shows what is posted", async () => {
    const { id } = await create();
    const pinged = await app().call<WebhookDeliveryDetail>("POST", `${path}/${id}/ping`, { json: {} });
    expect(pinged.status).toBe(202);
    expect(pinged.body).toMatchObject({
      endpoint_id: id,
      status: "pending",
      body: { id: pinged.body.event_id, type: "webhook.ping", data: { endpoint_id: id } },
      tries: [],
    });
    expect((await app().call("GET", `${deliveries}/${pinged.body.id}`)).body).toEqual(pinged.body);
  });

  test("the log is paged and filtered by endpoint, type, status and time", async () => {
    const [first, second] = [await create({ event_types: ["*"] }), await create()];
    await emit(3);
    await emit(1, "job.paused");
    const list = async (query: string) =>
      (
        await app().call<{ items: WebhookDelivery[]; next_cursor: string | null }>(
          "GET",
          `${deliveries}?${query}`,
        )
      ).body;
    const all = await list("");
    expect(all.items).toHaveLength(7);
    const page = await list("limit=4");
    const rest = await list(`limit=4&cursor=${page.next_cursor}`);
    expect([...page.items, ...rest.items]).toEqual(all.items);
    expect(rest.next_cursor).toBeNull();
    expect((await list(`endpoint_id=${second.id}`)).items).toHaveLength(3);
    expect((await list(`endpoint_id=${first.id}&event_type=job.paused`)).items).toHaveLength(1);
    expect((await list("status=failed")).items).toEqual([]);
    expect((await list(`since=${new Date(Date.now() + 60_000).toISOString()}`)).items).toEqual([]);
  });

  test("one, or all that failed since a time, is sent again with the same event id", async () => {
    const { id } = await create();
    await emit(3);
    await app().db.pool.query("UPDATE webhook_deliveries SET status = 'failed', attempts = 12");
    const { body: log } = await app().call<{ items: WebhookDelivery[] }>("GET", deliveries);
    const [one] = log.items;
    if (!one) throw new Error("nothing was written");
    const again = await app().call<WebhookDeliveryDetail>("POST", `${deliveries}/${one.id}/replay`, {
      json: {},
    });
    expect(again.body).toMatchObject({ status: "pending", attempts: 0, event_id: one.event_id });
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const replayed = await app().call("POST", `${path}/${id}/replay`, { json: { since } });
    expect(replayed.body).toEqual({ replayed: 2 });
    await app().db.pool.query("UPDATE webhook_deliveries SET status = 'sending'");
    expectProblem(await app().call("POST", `${deliveries}/${one.id}/replay`, { json: {} }), 409, "conflict");
  });
});

describe("without a key for credentials", () => {
  const bare = testApi();
  test("an endpoint cannot be made: its secret could not be kept", async () => {
    const json = { url: "https://93.184.216.34/", event_types: ["*"] };
    expectProblem(await bare().call("POST", path, { json, key: bare().keys.admin }), 503, "not_configured");
  });
});
