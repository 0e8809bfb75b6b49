import { Injectable } from "@angular/core";
import { PregoneroError, type Problem } from "@pregonero/client";
import { useTexts } from "../i18n/i18n.ts";
import { problemTexts } from "./problems.i18n.ts";

export interface ProblemText {
  readonly title: string;
  /** What the server said, as it said it. */
  readonly detail: string;
  /** What to do. */
  readonly advice: string;
  readonly requestId: string | null;
  readonly errors: NonNullable<Problem["errors"]>;
}

/** What is told of an error: what happened, the server's own words, and what to do. */
@Injectable({ providedIn: "root" })
export class ProblemTexts {
  readonly #t = useTexts(problemTexts);

  of(error: unknown): ProblemText {
    const found = asPregoneroError(error);
    const { codes, unreachable, unexpected } = this.#t();
    const none = { requestId: null, errors: [] };
    if (found === null)
      return { ...unexpected, ...none, detail: error instanceof Error ? error.message : "" };
    if (found.status === 0) return { ...unreachable, ...none, detail: "" };
    const code = found.problem?.code ?? "";
    const known = Object.hasOwn(codes, code) ? codes[code as keyof typeof codes] : unexpected;
    return {
      ...known,
      detail: found.message,
      requestId: found.problem?.request_id ?? null,
      errors: found.problem?.errors ?? [],
    };
  }
}

/** Resources of Angular wrap what a loader rejects with when it is no Error; ours is one, but may be the cause. */
export function asPregoneroError(error: unknown): PregoneroError | null {
  if (error instanceof PregoneroError) return error;
  return error instanceof Error && error.cause instanceof PregoneroError ? error.cause : null;
}
