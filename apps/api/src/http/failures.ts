import type { Logger } from "@pregonero/runtime";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { knownProblem } from "./known-errors.ts";
import { ApiProblem, problemBody } from "./problem.ts";
import { contextOf } from "./request-context.ts";

/** Where requests end that no route took. */
export function answerUnknownPath(): RequestHandler {
  return (req) => {
    throw new ApiProblem("not_found", `There is nothing at ${req.path}.`);
  };
}

/**
 * The one place where errors become answers. Those that nobody expected are told in the log and show nothing but the
 * request's id outside.
 */
export function answerProblems(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { id, route, failureFields } = contextOf(req);
    const known = knownProblem(error);
    const where = { request_id: id, route, method: req.method };
    if (!known) log.error("request failed", { ...where, error });
    else if (known.status >= 500) log.warn("request could not be met", { ...where, problem: known.message });
    if (res.headersSent) return next(error);
    // What is left of the body is thrown away: a client that is still sending would never read the answer.
    req.resume();
    const problem =
      known ??
      new ApiProblem(
        "internal",
        `An error that we did not expect; the log tells it by the request id ${id}.`,
      );
    res.status(problem.status).set(problem.headers).type("application/problem+json");
    const body = problemBody(problem, { instance: req.path, id });
    res.send(JSON.stringify({ ...body, ...failureFields?.(problem.detail) }));
  };
}
