import type { Problem } from "@pregonero/contracts";

/** A call that failed. `message` is the server's `detail`, fit to be shown to people. */
export class PregoneroError extends Error {
  override readonly name = "PregoneroError";
  /** HTTP status; 0 when no answer came (see `cause`). */
  readonly status: number;
  /** What the server said, or null when it was no problem document (a proxy's error page, no answer). */
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.problem = problem;
  }
}
