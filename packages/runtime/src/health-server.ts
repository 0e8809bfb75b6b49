import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";

export interface Readiness {
  readonly ok: boolean;
  /** What was looked at → `ok` or what is wrong with it. */
  readonly checks: Readonly<Record<string, string>>;
}

export interface HealthServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly registry: Registry;
  readonly ready: () => Promise<Readiness>;
}

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

// An orchestrator gives a probe a second or a few; an answer after that is none.
const readyTimeoutMs = 3_000;

function sendJson(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  res.end(JSON.stringify(body));
}

async function boundedReadiness(ready: () => Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    const checks = { ready: `no answer within ${readyTimeoutMs} ms` };
    timer = setTimeout(() => resolve({ ok: false, checks }), readyTimeoutMs);
  });
  try {
    return await Promise.race([ready(), late]);
  } catch (error) {
    return { ok: false, checks: { ready: error instanceof Error ? error.name : "failed" } };
  } finally {
    clearTimeout(timer);
  }
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const path = (req.url ?? "/").split("?")[0];
  if (req.method !== "GET" && req.method !== "HEAD")
    return sendJson(res, 405, { status: "method not allowed" });
  if (path === "/healthz") return sendJson(res, 200, { status: "ok" });
  if (path === "/readyz") {
    const readiness = await boundedReadiness(options.ready);
    return sendJson(res, readiness.ok ? 200 : 503, readiness);
  }
  if (path === "/metrics") {
    const body = await options.registry.metrics();
    res.writeHead(200, { "content-type": options.registry.contentType });
    res.end(body);
    return;
  }
  sendJson(res, 404, { status: "not found" });
}

/** Serves GET /healthz (200 while the process lives), /readyz (200 or 503 with the checks) and /metrics (Prometheus). */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((req, res) => {
    answer(req, res, options).catch(() => {
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { status: "error" });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
