/** Why a visit did not end in a report; the same words as `scrapingErrorCodeSchema` in packages/contracts. */
export type VisitProblem =
  | "dns"
  | "connection"
  | "tls"
  | "timeout"
  | "http"
  | "blocked"
  | "robots"
  | "private_address"
  | "redirect_loop"
  | "too_large"
  | "download"
  | "crash"
  | "worker_lost"
  | "internal";

export type VisitDecision =
  | { readonly do: "retry"; readonly afterMs: number }
  | { readonly do: "fail" }
  | { readonly do: "skip" };

export interface VisitTry {
  /** 1 for the first. */
  readonly attempt: number;
  readonly maxRetries: number;
  /** Before the second try; it doubles for each one after. */
  readonly retryDelayMs: number;
  /** The site's answer. */
  readonly httpStatus?: number | null;
  /** The site asked for so long a pause. */
  readonly retryAfterMs?: number | null;
}

/** No pause is longer, whatever a site asks for, ms. */
const longestPauseMs = 3_600_000;

/** Client errors that another moment may mend: request timeout, too early, too many requests. */
const passing = new Set([408, 425, 429]);

/** What becomes of a step after a visit without a report. */
export function decideVisit(problem: VisitProblem, tried: VisitTry): VisitDecision {
  // Rules that were read; a site that fails to tell its rules (HTTP 5xx) may tell them later.
  if (problem === "robots" && (tried.httpStatus ?? null) === null) return { do: "skip" };
  if (!mayPass(problem, tried.httpStatus ?? null) || tried.attempt > tried.maxRetries) return { do: "fail" };
  const doubled = tried.retryDelayMs * 2 ** Math.min(tried.attempt - 1, 20);
  return { do: "retry", afterMs: Math.min(longestPauseMs, Math.max(doubled, tried.retryAfterMs ?? 0)) };
}

/** Whether the same visit may end otherwise another time. */
function mayPass(problem: VisitProblem, httpStatus: number | null): boolean {
  switch (problem) {
    case "dns":
    case "connection":
    case "timeout":
    case "crash":
    case "worker_lost":
    case "internal":
      return true;
    case "http":
    case "blocked":
    case "robots":
      return httpStatus !== null && (httpStatus >= 500 || passing.has(httpStatus));
    case "tls":
    case "private_address":
    case "redirect_loop":
    case "too_large":
    case "download":
      return false;
  }
}
