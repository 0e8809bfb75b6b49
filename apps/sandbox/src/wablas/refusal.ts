import type { Reply } from "../gateway/line.ts";

/** An answer whose `status` is false. Its message is for whoever reads the caller's log. */
export class Refusal extends Error {
  /** HTTP status; null leaves it to the settings. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }

  toReply(defaultStatus: number): Reply {
    return { status: this.status ?? defaultStatus, body: { status: false, message: this.message } };
  }
}
