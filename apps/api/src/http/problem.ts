import { problemStatus, problemType, type Problem, type ProblemCode } from "@pregonero/contracts";

type ProblemErrors = NonNullable<Problem["errors"]>;

/** A request that failed for a reason that its sender may know. `detail` is for people and holds no secret. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: ProblemErrors | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: ProblemErrors; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return problemStatus[this.code];
  }
}

const titles: Readonly<Record<ProblemCode, string>> = {
  invalid_json: "The body is not JSON",
  invalid_request: "The request is not valid",
  broken_csv: "The CSV file cannot be read",
  unauthenticated: "Sign in first",
  bad_signature: "The signature is not right",
  forbidden: "Your role does not allow this",
  host_not_allowed: "This host name is not allowed",
  origin_not_allowed: "This origin is not allowed",
  not_found: "Not found",
  method_not_allowed: "Method not allowed",
  conflict: "Not possible in the present state",
  name_taken: "The name is taken",
  request_in_progress: "The same request is still being processed",
  too_large: "Too large",
  unsupported_media_type: "This content type is not understood",
  validation_failed: "Some fields are not valid",
  unknown_device: "Unknown device",
  unknown_pool: "Unknown device pool",
  unknown_template: "Unknown template",
  template_invalid: "The text is not a valid template",
  no_valid_recipients: "No recipient can be written to",
  provider_refused: "The provider does not accept this",
  idempotency_key_reused: "The idempotency key belongs to another request",
  too_many_requests: "Too many requests",
  internal: "Something went wrong here",
  unavailable: "Not available at the moment",
  not_configured: "The server is not set up for this",
  worker_timeout: "No worker answered in time",
};

export function problemTitle(code: ProblemCode): string {
  return titles[code];
}

/** The problem as it goes over the wire. */
export function problemBody(problem: ApiProblem, request: { instance: string; id: string }): Problem {
  return {
    type: problemType(problem.code),
    title: titles[problem.code],
    status: problem.status,
    detail: problem.detail,
    instance: request.instance,
    code: problem.code,
    request_id: request.id,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  };
}

export const notFound = (what: string): ApiProblem => new ApiProblem("not_found", `There is no ${what}.`);
