import { makeDevice } from "@pregonero/db/testing";
import { startRedis } from "@pregonero/local-stack";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, test, vi } from "vitest";
import { expectProblem, startTestApi } from "./support/api.ts";
import { csvOf, campaignForm } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({ CORS_ORIGINS: "https://crm.example", METRICS_TOKEN: "metrics" });

describe("health and figures", () => {
  test("readiness names what it looked at", async () => {
    expect((await app().call("GET", "/healthz", { key: null })).body).toEqual({ status: "ok" });
    await expect
      .poll(async () => (await app().call("GET", "/readyz", { key: null })).body)
      .toEqual({ status: "ok", checks: { postgres: "ok", redis: "ok" } });
  });

  test("metrics tell requests by route, never by address, and keep to their token", async () => {
    await app().call("GET", "/api/v1/jobs/00000000-0000-4000-8000-000000000000");
    await app().call("GET", "/no/34600123456/such/path");
    await app().call("POST", "/messages/send-bulk", { json: { message: "hi", phones: ["+34600123456"] } });
    expectProblem(await app().call("GET", "/metrics", { key: null }), 401, "unauthenticated");
    const metrics = await app().call<string>("GET", "/metrics", { key: "metrics" });
    expect(metrics.body).toMatch(
      /http_request_duration_seconds_count\{.*route="\/api\/v1\/jobs\/\{id\}".*status="404".*\} 1/,
    );
    expect(metrics.body).toMatch(/http_request_duration_seconds_count\{.*route="\/metrics".*status="401"/);
    expect(metrics.body).toMatch(/intake_rows_total\{result="accepted".*\} 1/);
    expect(metrics.body).toContain("http_requests_in_flight");
    expect(metrics.body).not.toContain("34600123456");
  });

  test("a request keeps the id that a proxy gave it, if that is one", async () => {
    const given = await app().call("GET", "/healthz", { headers: { "x-request-id": "proxy-1234" } });
    expect(given.headers.get("x-request-id")).toBe("proxy-1234");
    const odd = await app().call("GET", "/healthz", { headers: { "x-request-id": "a b" } });
    expect(odd.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  });

  test("answers carry protective headers and do not say what serves them", async () => {
    const { headers } = await app().call("GET", "/api/v1/devices");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

describe("pages of other origins", () => {
  const preflight = (origin: string) =>
    app().call("OPTIONS", "/api/v1/campaigns", {
      key: null,
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });

  test("may call when they are listed", async () => {
    const allowed = await preflight("https://crm.example");
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://crm.example");
    expect(allowed.headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    const call = await app().call("GET", "/api/v1/devices", { headers: { origin: "https://crm.example" } });
    expect(call.headers.get("access-control-allow-origin")).toBe("https://crm.example");
    expect(call.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("may not when they are not", async () => {
    expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    const call = await app().call("GET", "/api/v1/devices", { headers: { origin: "https://evil.example" } });
    expect(call.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("when servers behind it are away", () => {
  test("without Redis work is taken in all the same, and the readiness says degraded", async () => {
    const dir = await mkdtemp(join(tmpdir(), "pregonero-redis-"));
    const redis = await startRedis({ dataDir: dir });
    try {
      await using other = await startTestApi({ REDIS_URL: redis.url });
      await makeDevice(other.db, other.tenantId);
      await redis.close();
      const startedMs = performance.now();
      const json = { message: "hi", phones: ["+34600123456"] };
      const answer = await other.call<{ job: { id: string } }>("POST", "/messages/send-bulk", { json });
      expect(answer.status).toBe(202);
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      await expect
        .poll(async () => (await other.call("GET", "/readyz")).body)
        .toEqual({ status: "degraded", checks: { postgres: "ok", redis: "down" } });
      expect((await other.call("GET", "/readyz")).status).toBe(200);
      expectProblem(await other.call("GET", "/api/v1/queues"), 503, "unavailable");
      // Nothing was announced: that is owed, and the reconciler sees it.
      expect(await other.count("send_messages_jobs", "announced_status IS NULL")).toBe(1);
    } finally {
      await redis.close();
      await rm(dir, { recursive: true, force: true });
    }
  });

  test("without Postgres calls fail with 503, say nothing of it, and work again once it is back", async () => {
    const proxy = new PostgresProxy(inject("databaseAdminUrl"));
    const port = await proxy.open();
    const through = (databaseUrl: string): string => {
      const url = new URL(databaseUrl);
      url.host = `127.0.0.1:${port}`;
      return url.href;
    };
    await using other = await startTestApi({}, through);
    try {
      const ready = async (): Promise<number> => (await other.call("GET", "/readyz")).status;
      expect(await ready()).toBe(200);
      proxy.cut();
      await expect.poll(ready).toBe(503);
      const detail = expectProblem(await other.call("GET", "/api/v1/devices"), 503, "unavailable");
      expect(detail).not.toContain(String(port));
      expect((await other.call("GET", "/healthz")).status).toBe(200);
      await proxy.open(port);
      await expect.poll(ready).toBe(200);
      expect((await other.call("GET", "/api/v1/devices")).status).toBe(200);
    } finally {
      proxy.cut();
    }
  });
});

/** Passes connections on to Postgres until it is cut. */
class PostgresProxy {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(databaseUrl: string) {
    this.#target = new URL(databaseUrl);
  }

  async open(port = 0): Promise<number> {
    const server = createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far).pipe(near);
    });
    this.#server = server;
    await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

describe("closing", () => {
  test("lets a request under way finish", async () => {
    const other = await startTestApi();
    const form = campaignForm({ csv: csvOf(20_000) });
    const sent = other.call<{ accepted: number }>("POST", "/api/v1/campaigns", { form });
    await vi.waitFor(async () =>
      expect((await other.call<string>("GET", "/metrics")).body).toMatch(/in_flight\{[^}]*\} [2-9]/),
    );
    const startedMs = performance.now();
    await other[Symbol.asyncDispose]();
    // Sooner than the time that a connection is kept for a next request.
    expect(performance.now() - startedMs).toBeLessThan(12_000);
    expect((await sent).body).toMatchObject({ accepted: 20_000 });
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow();
  });
});
