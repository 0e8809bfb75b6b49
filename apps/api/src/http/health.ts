import type { Registry } from "@pregonero/runtime";
import { Router } from "express";
import { timingSafeEqual } from "node:crypto";
import { ApiProblem } from "./problem.ts";
import { nameRoute } from "./request-context.ts";

export interface HealthChecks {
  /** Resolves when Postgres answers. */
  readonly postgres: () => Promise<unknown>;
  /** Whether Redis is connected: without it the API goes on, only news comes late. */
  readonly redis: () => boolean;
}

/** Asked for every few seconds by machines: of no interest in a log. */
export const healthPaths = ["/healthz", "/readyz", "/metrics"];

const checkTimeoutMs = 2_000;

export function createHealth(
  checks: HealthChecks,
  registry: Registry,
  metricsToken: string | undefined,
): Router {
  const router = Router();
  router.use(healthPaths, nameRoute());
  router.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  router.get("/readyz", async (_req, res) => {
    const postgres = await answers(checks.postgres());
    const redis = checks.redis();
    const status = !postgres ? "down" : redis ? "ok" : "degraded";
    const shown = (up: boolean): string => (up ? "ok" : "down");
    res.status(postgres ? 200 : 503).set("Cache-Control", "no-store");
    res.json({ status, checks: { postgres: shown(postgres), redis: shown(redis) } });
  });
  router.get("/metrics", async (req, res) => {
    if (metricsToken !== undefined && !sameText(req.get("authorization") ?? "", `Bearer ${metricsToken}`)) {
      throw new ApiProblem(
        "unauthenticated",
        "The metrics need the token of METRICS_TOKEN, as Authorization: Bearer ….",
      );
    }
    res.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}

async function answers(check: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkTimeoutMs);
  });
  const asked = check.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sameText(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
