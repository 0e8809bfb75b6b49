import type { Device, DeviceCredentialsSaved, DeviceTest } from "@pregonero/contracts";
import { openKeyring, readCredentials } from "@pregonero/db";
import { makeTenant } from "@pregonero/db/testing";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectProblem, startTestApi, type Answer } from "../support/api.ts";
import { testApi } from "../support/suite.ts";
import { cloudCredentials, metaExpired, metaNumber, startProvider, type Provider } from "./provider.ts";

const key = randomBytes(32).toString("base64");
const app = testApi({ CREDENTIALS_KEY: key, CLOUD_API_VERSION: "v23.0" });
let provider: Provider;

beforeAll(async () => {
  provider = await startProvider(metaNumber);
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
});

let names = 0;
async function makeDevice(kind = "whatsapp_cloud", url: string | null = provider.url): Promise<Device> {
  const json = { name: `device ${++names}`, kind, ...(url === null ? {} : { url }) };
  const { body, status } = await app().call<Device>("POST", "/api/v1/devices", { json });
  expect(status).toBe(201);
  return body;
}

async function put<Body = DeviceCredentialsSaved>(
  { id }: Pick<Device, "id">,
  json: unknown = cloudCredentials,
  query = "",
): Promise<Answer<Body>> {
  const path = `/api/v1/devices/${id}/credentials${query}`;
  return await app().call<Body>("PUT", path, { json, key: app().keys.admin });
}

async function rowOf({ id }: Pick<Device, "id">): Promise<Record<string, unknown>> {
  const { rows } = await app().db.pool.query<Record<string, unknown>>("SELECT * FROM devices WHERE id = $1", [
    id,
  ]);
  return rows[0] ?? {};
}

describe("credentials of the Cloud API", () => {
  test("good ones are stored sealed, and the device is wanted", async () => {
    const device = await makeDevice();
    const { status, body } = await put(device);
    expect(status).toBe(200);
    expect(body.test).toEqual({
      ok: true,
      detail: "Meta knows the number of Tienda.",
      phone: "34600000999",
      quality: "GREEN",
    });
    expect(body.device).toMatchObject({ wanted: true, linked: true, phone: "34600000999" });
    expect(provider.asked.at(-1)).toEqual({
      url: "/v23.0/1001?fields=verified_name,display_phone_number,quality_rating",
      authorization: "Bearer EAAsecret",
    });
    const row = await rowOf(device);
    expect(row["provider_ref"]).toBe("1001");
    expect(body.webhook_path).toBe(`/webhooks/cloud/${String(row["webhook_token"])}`);
    expect(String(row["webhook_token"])).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(row["credentials"])).not.toContain("EAAsecret");
    expect(await readCredentials(app().db, device.id, openKeyring(key))).toEqual(cloudCredentials);
  });

  test("no answer has a secret in it", async () => {
    const device = await makeDevice();
    const answers = [
      await put(device),
      await app().call("GET", `/api/v1/devices/${device.id}`),
      await app().call("GET", "/api/v1/devices"),
      await app().call("POST", `/api/v1/devices/${device.id}/test`),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      for (const secret of ["EAAsecret", "app-secret", "verify-me"]) {
        expect(JSON.stringify(body)).not.toContain(secret);
      }
    }
  });

  test("those that Meta refuses are not stored", async () => {
    const device = await makeDevice();
    provider.reply = metaExpired;
    const answer = await put<Record<string, unknown>>(device);
    provider.reply = metaNumber;
    const detail = expectProblem(answer, 422, "provider_refused");
    expect(detail).toContain("the access token is not valid or has expired (code 190");
    expect(detail).not.toContain("EAAsecret");
    expect(await rowOf(device)).toMatchObject({ credentials: null, webhook_token: null, wanted: false });
  });

  test("without the test they are stored unseen", async () => {
    const device = await makeDevice("whatsapp_cloud", "http://127.0.0.1:9");
    expectProblem(await put<Record<string, unknown>>(device), 422, "provider_refused");
    const { status, body } = await put(device, cloudCredentials, "?test=false");
    expect(status).toBe(200);
    expect(body).toMatchObject({ test: null, device: { wanted: true, linked: true } });
    const tried = await app().call<DeviceTest>("POST", `/api/v1/devices/${device.id}/test`);
    expect(tried.body).toEqual({ ok: false, detail: "Meta could not be reached." });
  });

  test("new ones keep the webhook's address, bring the device back and make its worker connect anew", async () => {
    const device = await makeDevice();
    const first = await put(device);
    await app().db.pool.query(
      `UPDATE devices SET aside_until = now() + interval '7 days', aside_reason = 'expired',
         lease_worker_id = gen_random_uuid(), lease_expires_at = now() + interval '1 minute' WHERE id = $1`,
      [device.id],
    );
    const second = await put(device, { ...cloudCredentials, access_token: "EAAother" });
    expect(second.body.webhook_path).toBe(first.body.webhook_path);
    expect(second.body.device).toMatchObject({ aside_until: null, aside_reason: null });
    const command = `device_id = ${device.id} AND kind = 'restart_context'`;
    expect(await app().count("device_commands", command)).toBe(1);
  });

  test("forgotten ones are gone, with the webhook", async () => {
    const device = await makeDevice();
    await put(device);
    const path = `/api/v1/devices/${device.id}/credentials`;
    expect((await app().call("DELETE", path, { key: app().keys.admin })).status).toBe(204);
    expect(await rowOf(device)).toMatchObject({ credentials: null, webhook_token: null, wanted: false });
  });

  test("an operator may not set them, another tenant does not find the device", async () => {
    const device = await makeDevice();
    const path = `/api/v1/devices/${device.id}/credentials`;
    expectProblem(await app().call("PUT", path, { json: cloudCredentials }), 403, "forbidden");
    const stranger = await app().keyFor(await makeTenant(app().db), "admin");
    expectProblem(await app().call("PUT", path, { json: cloudCredentials, key: stranger }), 404, "not_found");
  });

  test("those of another kind of device are refused", async () => {
    const device = await makeDevice("whatsapp_web", null);
    expectProblem(await put<Record<string, unknown>>(device), 409, "conflict");
    expectProblem(await app().call("POST", `/api/v1/devices/${device.id}/test`), 409, "conflict");
  });

  test("a device of the Cloud API is not linked by QR", async () => {
    const device = await makeDevice();
    const link = await app().call("POST", `/api/v1/devices/${device.id}/link`, { json: { method: "qr" } });
    expectProblem(link, 409, "conflict");
  });
});

describe("credentials of a gateway", () => {
  const wablas = () => ({ kind: "wablas", host: provider.url, token: "tok", secret_key: "sec" });

  test("good ones are stored, with a secret of our own in the webhook's address", async () => {
    const device = await makeDevice("wablas", null);
    provider.reply = {
      status: 200,
      body: { status: true, data: { serial: "ABC123", sender: "34600000888", status: "connected" } },
    };
    const { status, body } = await put(device, wablas());
    expect(status).toBe(200);
    expect(provider.asked.at(-1)).toEqual({ url: "/api/device/info?token=tok", authorization: "tok.sec" });
    expect(body.device).toMatchObject({ phone: "34600000888", linked: true });
    expect(body.webhook_path).toMatch(/^\/webhooks\/wablas\/[\w-]{43}$/);
    expect(await rowOf(device)).toMatchObject({ provider_ref: "ABC123" });
  });

  test("a refusal under HTTP 200 is a refusal", async () => {
    const device = await makeDevice("wablas", null);
    provider.reply = { status: 200, body: { status: false, message: "token invalid" } };
    const detail = expectProblem(
      await put<Record<string, unknown>>(device, wablas()),
      422,
      "provider_refused",
    );
    provider.reply = metaNumber;
    expect(detail).toContain("the credentials are refused");
  });
});

describe("a device that was put aside", () => {
  test("is taken back at an operator's word", async () => {
    const device = await makeDevice();
    await app().db.pool.query(
      "UPDATE devices SET aside_until = now() + interval '1 day', aside_reason = 'spam' WHERE id = $1",
      [device.id],
    );
    const path = `/api/v1/devices/${device.id}/resume`;
    const resumed = await app().call<Device>("POST", path);
    expect(resumed.body).toMatchObject({ aside_until: null, aside_reason: null });
    const stranger = await app().keyFor(await makeTenant(app().db), "admin");
    expectProblem(await app().call("POST", path, { key: stranger }), 404, "not_found");
  });
});

test("a server without a key says what is missing", async () => {
  await using bare = await startTestApi();
  const made = await bare.call<Device>("POST", "/api/v1/devices", {
    json: { name: "d", kind: "whatsapp_cloud" },
  });
  const path = `/api/v1/devices/${made.body.id}/credentials?test=false`;
  const answer = await bare.call("PUT", path, { json: cloudCredentials, key: bare.keys.admin });
  expect(expectProblem(answer, 503, "not_configured")).toContain("CREDENTIALS_KEY");
});

test("a key that is none stops the start", async () => {
  await expect(startTestApi({ CREDENTIALS_KEY: "short" })).rejects.toThrow(/CREDENTIALS_KEY.*32 bytes/s);
});
