import { ApiProblem } from "../http/problem.ts";

/** What one request may bring. */
export interface IntakeLimits {
  readonly maxMessages: number;
  readonly maxFileBytes: number;
}

export function tooManyMessages({ maxMessages }: IntakeLimits): ApiProblem {
  return new ApiProblem(
    "too_large",
    `That is more than the limit of ${maxMessages} messages per campaign. Nothing was created.`,
  );
}

export function fileTooLarge({ maxFileBytes }: IntakeLimits): ApiProblem {
  const megabytes = Math.floor(maxFileBytes / 1_048_576);
  return new ApiProblem(
    "too_large",
    `The file is larger than the limit of ${megabytes} MB. Nothing was created.`,
  );
}
