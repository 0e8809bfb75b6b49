import { freePort } from "@pregonero/local-stack";
import { expect, test } from "vitest";
import { expectProblem, startTestApi, type TestApi } from "./support/api.ts";

const calls = async (app: TestApi, count: number, key: string, path = "/api/v1/jobs") => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await app.call("GET", path, { key })).status);
  return statuses;
};

test("beyond the requests of a minute a key is told when to come back, and others are not kept out", async () => {
  await using app = await startTestApi({ REQUESTS_PER_MINUTE: "3" });
  const { viewer, admin } = app.keys;
  const first = await app.call("GET", "/api/v1/jobs", { key: viewer });
  expect(first.headers.get("ratelimit-limit")).toBe("3");
  expect(first.headers.get("ratelimit-remaining")).toBe("2");
  expect(await calls(app, 3, viewer)).toEqual([200, 200, 429]);

  const refused = await app.call("GET", "/api/v1/jobs", { key: viewer });
  expect(expectProblem(refused, 429, "too_many_requests")).toContain("More than 3 requests in a minute");
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  // Older contracts say it in their own way, too.
  const older = await app.call("GET", "/api/listar-campanas", { key: viewer });
  expect(older).toMatchObject({ status: 429, body: { success: false } });

  expect(await calls(app, 1, admin)).toEqual([200]);
  expect((await app.call("GET", "/healthz", { key: null })).status).toBe(200);
});

test("a tenant's keys share its limit, and another tenant has its own", async () => {
  await using app = await startTestApi({ REQUESTS_PER_MINUTE: "0", TENANT_REQUESTS_PER_MINUTE: "4" });
  expect(await calls(app, 2, app.keys.viewer)).toEqual([200, 200]);
  expect(await calls(app, 3, app.keys.admin)).toEqual([200, 200, 429]);
  const { id } = await app.db.prisma.tenant.create({ data: { slug: "other", name: "other" } });
  expect(await calls(app, 2, await app.keyFor(id, "viewer"))).toEqual([200, 200]);
});

test("instances count together", async () => {
  await using one = await startTestApi({ REQUESTS_PER_MINUTE: "3" });
  await using two = await startTestApi({ REQUESTS_PER_MINUTE: "3", REDIS_PREFIX: one.redisPrefix });
  // Each has a database of its own, in which the tenants and keys are numbered and named alike.
  expect(two.tenantId).toBe(one.tenantId);
  expect(await calls(one, 2, one.keys.viewer)).toEqual([200, 200]);
  expect(await calls(two, 2, two.keys.viewer)).toEqual([200, 429]);
});

test("limits hold while Redis is away, and nobody waits for it", async () => {
  const port = await freePort();
  await using app = await startTestApi({
    REQUESTS_PER_MINUTE: "2",
    REDIS_URL: `redis://127.0.0.1:${port}`,
  });
  const startedAtMs = performance.now();
  expect(await calls(app, 3, app.keys.viewer)).toEqual([200, 200, 429]);
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
});
