import { afterEach, beforeEach, expect, test } from "vitest";
import { createMetrics, startHealthServer, type HealthServer, type Readiness } from "@pregonero/runtime";

let server: HealthServer;
let ready: () => Promise<Readiness>;
const metrics = createMetrics("worker");

beforeEach(async () => {
  ready = () => Promise.resolve({ ok: true, checks: { postgres: "ok" } });
  server = await startHealthServer({
    port: 0,
    host: "127.0.0.1",
    registry: metrics.registry,
    ready: () => ready(),
  });
});

afterEach(() => server.close());

const get = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

test("/healthz answers while the process lives, ready or not", async () => {
  ready = () => Promise.reject(new Error("down"));
  expect((await get("/healthz")).status).toBe(200);
});

test("/readyz tells what is missing with 503", async () => {
  const fine = await get("/readyz");
  expect(fine.status).toBe(200);
  expect(await fine.json()).toEqual({ ok: true, checks: { postgres: "ok" } });
  ready = () => Promise.resolve({ ok: false, checks: { postgres: "ok", redis: "unreachable" } });
  const missing = await get("/readyz");
  expect(missing.status).toBe(503);
  expect(await missing.json()).toEqual({ ok: false, checks: { postgres: "ok", redis: "unreachable" } });
});

test("/readyz tells nothing of an error but its kind", async () => {
  ready = () => Promise.reject(new Error("password s3cret was refused"));
  const answer = await get("/readyz");
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain("s3cret");
});

test("/metrics holds the app's own and Node's, labelled with the service", async () => {
  metrics
    .counter({ name: "messages_sent_total", help: "Messages sent", labelNames: ["channel"] })
    .inc({ channel: "wablas" }, 2);
  const answer = await get("/metrics");
  expect(answer.headers.get("content-type")).toContain("text/plain");
  const text = await answer.text();
  expect(text).toContain('messages_sent_total{channel="wablas",service="worker"} 2');
  expect(text).toContain("nodejs_eventloop_lag_seconds");
});

test("two registries do not share metrics", async () => {
  const other = createMetrics("api");
  other.counter({ name: "messages_sent_total", help: "Messages sent" });
  expect(await other.registry.metrics()).not.toContain("wablas");
});

test("anything else is 404, and other methods 405", async () => {
  expect((await get("/secrets")).status).toBe(404);
  expect((await get("/healthz", { method: "POST" })).status).toBe(405);
});

test("closing ends connections that are kept alive", async () => {
  await (await get("/healthz")).text();
  await server.close();
  await expect(get("/healthz")).rejects.toThrow();
});
