import type { Logger, Registry } from "@pregonero/runtime";
import express, { type Express, type Router } from "express";
import type { LocalGuard } from "./auth/index.ts";
import { logRequests } from "./http/access-log.ts";
import { answerProblems, answerUnknownPath } from "./http/failures.ts";
import type { ApiMetrics } from "./http/metrics.ts";
import { openContext } from "./http/request-context.ts";
import { crossOrigin, localOnly, securityHeaders } from "./http/security.ts";

export interface AppParts {
  readonly log: Logger;
  readonly metrics: ApiMetrics;
  readonly registry: Registry;
  readonly openGuard: LocalGuard | null;
  readonly corsOrigins: readonly string[];
  readonly trustProxy: string | number | undefined;
  /** Asked one after the other. */
  readonly routers: readonly Router[];
}

/** The order in which a request passes through the server. */
export function createApp(parts: AppParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.set("etag", false);
  if (parts.trustProxy !== undefined) app.set("trust proxy", parts.trustProxy);
  app.use(openContext());
  app.use(logRequests(parts.log, parts.metrics));
  app.use(securityHeaders());
  app.use(crossOrigin(parts.corsOrigins));
  if (parts.openGuard) app.use(localOnly(parts.openGuard));
  for (const router of parts.routers) app.use(router);
  app.use(answerUnknownPath());
  app.use(answerProblems(parts.log));
  return app;
}
