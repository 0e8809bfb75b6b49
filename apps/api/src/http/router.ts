import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Router, type Request, type Response } from "express";
import type { Authenticator, Principal } from "../auth/index.ts";
import { mayActAs } from "../auth/index.ts";
import { digestOf, type ReadBody } from "./body.ts";
import { idempotencyKeyOf, type IdempotencyKey } from "./idempotency.ts";
import { parseInput } from "./issues.ts";
import { ApiProblem } from "./problem.ts";
import { contextOf } from "./request-context.ts";
import type { RequestLimits } from "./request-limits.ts";
import type { AnyReply, Route } from "./route.ts";

export interface RouterOptions {
  readonly authenticator: Pick<Authenticator, "authenticate">;
  readonly limits: RequestLimits;
  /** Looks at every answer before it is sent; tests hold answers against their schemas with it. */
  readonly inspectReply?: (route: Route, reply: AnyReply) => void;
}

/** Express's view of the routes: who may call, what is valid, what goes out. */
export function createRouter(routes: readonly Route[], options: RouterOptions): Router {
  const router = Router({ caseSensitive: true });
  for (const route of routes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    router[route.method](path, async (req, res) => {
      const reply = await serve(route, options, req, res);
      options.inspectReply?.(route, reply);
      await send(res, reply, route.produces);
    });
  }
  for (const [path, methods] of methodsByPath(routes)) {
    router.all(path.replaceAll(/\{(\w+)\}/g, ":$1"), (req) => {
      const allowed = methods.map((method) => method.toUpperCase()).join(", ");
      const detail = `${req.method} is not possible here; ${allowed} is.`;
      throw new ApiProblem("method_not_allowed", detail, { headers: { Allow: allowed } });
    });
  }
  return router;
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}

async function serve(route: Route, options: RouterOptions, req: Request, res: Response): Promise<AnyReply> {
  const context = contextOf(req);
  context.route = route.path;
  context.failureFields = route.failureFields ?? null;
  const principal = await authorise(route, options, { req, res });
  context.actor = principal.actor;
  const params: unknown = route.params && parseParams(route, req);
  const query: unknown = route.query && parseInput(route.query, req.query, "The query");
  const key = route.idempotent === true ? idempotencyKeyOf(req) : null;
  const body = await route.body?.read(req, res);
  try {
    const idempotency = key === null ? null : bindKey(key, req, body);
    return await route.handle({ params, query, body: body?.value, principal, context, idempotency });
  } finally {
    await body?.dispose?.();
  }
}

async function authorise(
  route: Route,
  { authenticator, limits }: RouterOptions,
  { req, res }: { req: Request; res: Response },
): Promise<Principal> {
  const principal = await authenticator.authenticate(req);
  if (!principal) {
    throw new ApiProblem(
      "unauthenticated",
      "An API key or token is needed, as Authorization: Bearer … or X-API-Key, and it must be valid.",
      { headers: { "WWW-Authenticate": "Bearer" } },
    );
  }
  await limits.check(principal, res);
  if (mayActAs(principal, route.role)) return principal;
  throw new ApiProblem("forbidden", `This needs the role ${route.role}; yours is ${principal.role}.`);
}

/** An id that no thing can have names no thing: 404, as for any other unknown id. */
function parseParams(route: Route, req: Request): unknown {
  const parsed = route.params?.safeParse(req.params);
  if (parsed?.success === true) return parsed.data;
  throw new ApiProblem("not_found", `There is nothing at ${req.path}.`);
}

function bindKey(key: string, req: Request, body: ReadBody<unknown> | undefined): IdempotencyKey {
  return { key, requestHash: digestOf(req.method, req.path, body?.digest ?? "") };
}

async function send(
  res: Response,
  { status, body, headers }: AnyReply,
  produces: Route["produces"],
): Promise<void> {
  res.status(status).set("Cache-Control", "no-store");
  if (headers) res.set(headers);
  if (body === null) res.end();
  // The schema of such a route says that the body is an iterable of text or bytes.
  else if (produces !== undefined) {
    if (headers?.["Content-Type"] === undefined) res.type(produces);
    await pipeline(Readable.from(body as AsyncIterable<string | Buffer>), res);
  } else res.json(body);
}
