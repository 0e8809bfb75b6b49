import { uuidv7 } from "@pregonero/db";
import type { Request, RequestHandler, Response } from "express";

/** What is known of a request before it is looked at closely. */
export interface RequestContext {
  readonly id: string;
  /** Aborted when the client goes away before the answer. */
  readonly gone: AbortSignal;
  /** The route's own path, for logs and metrics: the real one may hold a phone number. */
  route: string;
  /** Who called, once known. */
  actor: string | null;
  /** What its route adds to problems. */
  failureFields: ((detail: string) => Readonly<Record<string, unknown>>) | null;
}

const usableId = /^[\w.:-]{8,100}$/;
const contexts = new WeakMap<Request, RequestContext>();

/** Gives each request its id: the one that a proxy in front gave it, or a new one. */
export function openContext(): RequestHandler {
  return (req, res, next) => {
    const given = req.get("x-request-id");
    const id = given !== undefined && usableId.test(given) ? given : uuidv7();
    contexts.set(req, { id, gone: goneSignal(res), route: "unknown", actor: null, failureFields: null });
    res.setHeader("X-Request-Id", id);
    next();
  };
}

export function contextOf(req: Request): RequestContext {
  const context = contexts.get(req);
  if (!context) throw new Error("a request without a context: openContext must come first");
  return context;
}

/** Names the route of a path that is mounted beside the table of routes. */
export function nameRoute(): RequestHandler {
  return (req, _res, next) => {
    contextOf(req).route = req.baseUrl;
    next();
  };
}

function goneSignal(res: Response): AbortSignal {
  const controller = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) controller.abort();
  });
  return controller.signal;
}
