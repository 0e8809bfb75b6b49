import type { Logger } from "@pregonero/runtime";
import type { RequestHandler } from "express";
import { healthPaths } from "./health.ts";
import type { ApiMetrics } from "./metrics.ts";
import { contextOf } from "./request-context.ts";

/** One line and one measurement per request. The route's pattern, never its address: that may hold a phone number. */
export function logRequests(log: Logger, metrics: ApiMetrics): RequestHandler {
  return (req, res, next) => {
    const startedMs = performance.now();
    metrics.inFlight.inc();
    res.once("close", () => {
      const { id, route, actor } = contextOf(req);
      const ms = Math.round(performance.now() - startedMs);
      const status = res.writableFinished ? res.statusCode : 499;
      metrics.inFlight.dec();
      metrics.duration.observe({ method: req.method, route, status: String(status) }, ms / 1_000);
      const told = { request_id: id, method: req.method, route, status, ms, actor };
      if (healthPaths.includes(route)) log.debug("request", told);
      else log.info("request", told);
    });
    next();
  };
}
