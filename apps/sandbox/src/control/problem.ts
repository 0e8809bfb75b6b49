import type { ErrorRequestHandler, RequestHandler } from "express";
import { z } from "zod";

/** An answer in `application/problem+json`. The message is for the person who called. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/**
 * The body or the query, checked.
 * @throws Problem 422 naming what is wrong.
 */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error);
}

export function invalid(error: z.ZodError): Problem {
  const detail = error.issues
    .map(({ path, message }) => `${path.join(".") || "request"}: ${message}`)
    .join("; ");
  return new Problem(422, "invalid_request", detail);
}

export const notFound: RequestHandler = (request) => {
  throw new Problem(404, "not_found", `There is nothing at ${request.method} ${request.path}.`);
};

/** Errors that body-parser and the like throw carry the status that they mean. */
const httpError = z.object({ status: z.number().int().min(400).max(499), message: z.string() });

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const known = httpError.safeParse(error);
  if (known.success) return new Problem(known.data.status, "bad_request", known.data.message);
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem(500, "internal", detail);
}

// Express tells an error handler by its four parameters.
export const sendProblem: ErrorRequestHandler = (error: unknown, request, response, _next) => {
  const { status, code, message } = problemOf(error);
  response
    .status(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: `urn:sandbox:${code}`,
        title: code,
        status,
        detail: message,
        instance: request.path,
      }),
    );
};
