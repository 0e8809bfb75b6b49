import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { startProvider } from "./credentials/provider.ts";
import { expectProblem, startTestApi } from "./support/api.ts";

const keyring = { CREDENTIALS_KEY: randomBytes(32).toString("base64") };
const gateway = { kind: "wablas", token: "tok", secret_key: "sec" };

test("a gateway's host in our own network is refused when it is stored, and nothing is called", async () => {
  await using app = await startTestApi({ ...keyring, OUTBOUND_ALLOW: "" });
  await using provider = await startProvider({ status: 200, body: {} });
  const { body: device } = await app.call<{ id: number }>("POST", "/api/v1/devices", {
    json: { name: "gateway", kind: "wablas" },
  });
  const hosts = [
    provider.url,
    "http://169.254.169.254",
    "http://localhost:1",
    "http://[::1]:9",
    "http://10.0.0.8",
  ];
  for (const host of hosts) {
    for (const query of ["", "?test=false"]) {
      const answer = await app.call("PUT", `/api/v1/devices/${device.id}/credentials${query}`, {
        json: { ...gateway, host },
        key: app.keys.admin,
      });
      expectProblem(answer, 422, "validation_failed");
      expect(answer.body).toMatchObject({ errors: [{ path: "host" }] });
    }
  }
  expect(provider.asked).toHaveLength(0);
  expect(await app.count("devices", "credentials IS NOT NULL")).toBe(0);
});

test("a device's own address in our own network is refused, at creation and at a change", async () => {
  await using app = await startTestApi({ OUTBOUND_ALLOW: "" });
  const url = "http://127.0.0.1:6379";
  const refused = await app.call("POST", "/api/v1/devices", { json: { name: "inside", url } });
  expectProblem(refused, 422, "validation_failed");
  const { body: device } = await app.call<{ id: number }>("POST", "/api/v1/devices", {
    json: { name: "outside", url: "https://203.0.114.9" },
  });
  expectProblem(
    await app.call("PATCH", `/api/v1/devices/${device.id}`, { json: { url } }),
    422,
    "validation_failed",
  );
  expect(await app.count("devices", "url LIKE 'http://127%'")).toBe(0);
});
