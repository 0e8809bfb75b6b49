import type { CampaignCreated, Notification, Notify, TenantSettings } from "@pregonero/contracts";
import { makeDevice } from "@pregonero/db/testing";
import { expect, test } from "vitest";
import { expectProblem, startTestApi } from "./support/api.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({ CREDENTIALS_KEY: Buffer.alloc(32, 7).toString("base64") });

test("a campaign says whom to tell; it can be changed, is told when its time comes, and the log shows it", async () => {
  await makeDevice(app().db, app().tenantId);
  const notify = { email: ["ana@example.com"] };
  const json = { name: "Promo", body: "hi", recipients: [{ phone: "+34600123456" }], notify };
  const { body } = await app().call<CampaignCreated>("POST", "/api/v1/campaigns", { json });
  const path = `/api/v1/jobs/${body.job.id}/notify`;
  const whole = { email: ["ana@example.com"], webhook_url: null, on: ["completed", "failed", "paused"] };
  expect((await app().call<Notify>("GET", path)).body).toEqual(whole);
  const changed = { ...whole, webhook_url: "https://crm.example.com/hook", on: ["failed"] };
  expect((await app().call<Notify>("PUT", path, { json: changed })).body).toEqual(changed);

  await app().db.pool.query("UPDATE send_messages_jobs SET status = 'failed' WHERE id = $1", [body.job.id]);
  const query = `/api/v1/notifications?job_id=${body.job.id}`;
  const log = await app().call<{ items: Notification[] }>("GET", query);
  expect(
    log.body.items.map(({ channel, recipient, status }) => `${channel} ${recipient} ${status}`).toSorted(),
  ).toEqual(["email ana@example.com pending", "webhook https://crm.example.com/hook pending"]);
});

test("what is no address is refused", async () => {
  const patch = (notify: unknown) =>
    app().call("PATCH", "/api/v1/settings", { json: { notify }, key: app().keys.admin });
  expectProblem(await patch({ email: ["ana@example.com, eva@example.com"] }), 422, "validation_failed");
  expectProblem(
    await patch({ email: ["ana@example.com\r\nBcc: eve@example.com"] }),
    422,
    "validation_failed",
  );
  expectProblem(await patch({ webhook_url: "ftp://example.com" }), 422, "validation_failed");
});

test("a tenant settles it for all of its jobs, with the language", async () => {
  const notify = { email: ["ana@example.com"], webhook_url: null, on: ["failed"] };
  const json = { language: "en", notify };
  const answer = await app().call<TenantSettings>("PATCH", "/api/v1/settings", {
    json,
    key: app().keys.admin,
  });
  expect(answer.body).toMatchObject(json);
  expect((await app().call("GET", "/api/v1/settings")).body).toEqual(answer.body);
});

test("an admin tries it out, and sees the secret that signs; without a key there is none", async () => {
  const options = { json: { email: "ana@example.com" }, key: app().keys.admin };
  const tried = await app().call<Notification>("POST", "/api/v1/notifications/test", options);
  expect(tried).toMatchObject({ status: 202, body: { event: "test", channel: "email", status: "pending" } });
  const path = "/api/v1/notifications/signing-secret";
  const secret = await app().call("GET", path, { key: app().keys.admin });
  expect(secret.body).toEqual({ secret: expect.stringMatching(/^whsec_[\w-]{43}$/) });
  await using keyless = await startTestApi();
  expectProblem(await keyless.call("GET", path, { key: keyless.keys.admin }), 503, "not_configured");
});
