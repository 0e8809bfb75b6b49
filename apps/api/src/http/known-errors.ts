import { InvalidCursor, isLockTimeout, isOutage, KeyReused } from "@pregonero/db";
import { TemplateError } from "@pregonero/domain";
import { KeySetUnavailable } from "../auth/index.ts";
import { ApiProblem } from "./problem.ts";

/** The problem that an error means; null for errors that nobody expected, which say nothing in public. */
export function knownProblem(error: unknown): ApiProblem | null {
  if (error instanceof ApiProblem) return error;
  if (error instanceof InvalidCursor) {
    return new ApiProblem("invalid_request", "The cursor is not one that this list gave out.");
  }
  if (error instanceof KeyReused) {
    return new ApiProblem(
      "idempotency_key_reused",
      "This Idempotency-Key was used for a different request. Use a new key for a new request.",
    );
  }
  if (error instanceof TemplateError) return new ApiProblem("template_invalid", error.message);
  if (isLockTimeout(error)) {
    return new ApiProblem(
      "request_in_progress",
      "Another request is changing the same thing. Try again in a moment.",
    );
  }
  if (isOutage(error)) {
    return new ApiProblem("unavailable", "The database cannot be reached at the moment. Try again shortly.");
  }
  if (error instanceof KeySetUnavailable) {
    return new ApiProblem("unavailable", "Tokens cannot be checked at the moment. Try again shortly.");
  }
  return frameworkProblem(error);
}

/** What Express and its body parser throw. */
function frameworkProblem(error: unknown): ApiProblem | null {
  if (error instanceof URIError) return new ApiProblem("invalid_request", "The address is not well formed.");
  const { type, limit } = fieldsOf(error);
  switch (type) {
    case "entity.too.large":
      return new ApiProblem("too_large", `The body is larger than the limit of ${megabytes(limit)} MB.`);
    case "entity.parse.failed":
      return new ApiProblem("invalid_json", `The body is not valid JSON: ${jsonComplaint(error)}.`);
    case "encoding.unsupported":
    case "charset.unsupported":
      return new ApiProblem(
        "unsupported_media_type",
        "The body must be UTF-8, plain or compressed with gzip.",
      );
    case "request.aborted":
    case "request.size.invalid":
      return new ApiProblem("invalid_request", "The body ended too early.");
    default:
      return null;
  }
}

function fieldsOf(error: unknown): { type?: unknown; limit?: unknown } {
  return typeof error === "object" && error !== null ? error : {};
}

function megabytes(bytes: unknown): number {
  return Math.floor((typeof bytes === "number" ? bytes : 0) / 1_048_576);
}

/** V8's words, without the piece of the body that it quotes: it may hold a number or a text. */
function jsonComplaint(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const at = /position (\d+)/.exec(message)?.[1];
  if (/end of JSON/i.test(message)) return "it ends too early";
  return at === undefined ? "it cannot be parsed" : `unexpected character at position ${at}`;
}
