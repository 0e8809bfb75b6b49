import { z } from "zod";

/** Every way in which a request can fail, with the HTTP status that goes with it. The one list of both. */
export const problemStatus = {
  invalid_json: 400,
  invalid_request: 400,
  broken_csv: 422,
  unauthenticated: 401,
  bad_signature: 401,
  forbidden: 403,
  host_not_allowed: 403,
  origin_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  name_taken: 409,
  request_in_progress: 409,
  too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  unknown_device: 422,
  unknown_pool: 422,
  unknown_template: 422,
  template_invalid: 422,
  no_valid_recipients: 422,
  provider_refused: 422,
  idempotency_key_reused: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
  not_configured: 503,
  worker_timeout: 504,
} as const;

export type ProblemCode = keyof typeof problemStatus;

export const problemType = (code: ProblemCode): string => `urn:pregonero:problem:${code}`;

export const problemErrorSchema = z.object({
  path: z.string().describe("Where in the request, as `phones[3]`; empty for the whole."),
  message: z.string(),
});

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().describe("`urn:pregonero:problem:` and the code."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("One sentence or a few, for people."),
    instance: z.string().describe("The path of the request."),
    code: z.string(),
    request_id: z.string().describe("Also in the header X-Request-Id and in the server's log."),
    errors: z.array(problemErrorSchema).optional(),
  })
  .meta({
    id: "Problem",
    description: "What every failed call answers, as application/problem+json (RFC 9457).",
  });
export type Problem = z.infer<typeof problemSchema>;
