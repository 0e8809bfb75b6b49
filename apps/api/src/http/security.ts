import type { RequestHandler } from "express";
import helmet from "helmet";
import type { LocalGuard } from "../auth/index.ts";
import { ApiProblem } from "./problem.ts";

const allowedHeaders = "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Request-Id";
const exposedHeaders = "Idempotency-Replayed, X-Request-Id";
const allowedMethods = "GET, POST, PUT, PATCH, DELETE";
const preflightAgeS = 600;

/** Scripts, styles and connections from here alone. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Only a proxy that speaks TLS can promise it.
    strictTransportSecurity: false,
  });
}

/** Lets pages of the listed origins call the API. Tokens go in headers, so no cookie is ever allowed along. */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    const { origin } = req.headers;
    res.vary("Origin");
    if (origin !== undefined && allowed.has(origin)) {
      res.set("Access-Control-Allow-Origin", origin).set("Access-Control-Expose-Headers", exposedHeaders);
    }
    if (req.method !== "OPTIONS" || req.headers["access-control-request-method"] === undefined) return next();
    if (origin !== undefined && allowed.has(origin)) {
      res
        .set("Access-Control-Allow-Methods", allowedMethods)
        .set("Access-Control-Allow-Headers", allowedHeaders);
      res.set("Access-Control-Max-Age", String(preflightAgeS));
    }
    res.status(204).end();
  };
}

/** In open mode every path is for local callers alone, documents included. */
export function localOnly(guard: LocalGuard): RequestHandler {
  return (req, _res, next) => {
    const objection = guard(req);
    if (objection === null) return next();
    const what =
      objection === "host_not_allowed" ? "address it as localhost" : "add the origin to CORS_ORIGINS";
    throw new ApiProblem(
      objection,
      `The server runs without authentication, for this machine alone: ${what}.`,
    );
  };
}
