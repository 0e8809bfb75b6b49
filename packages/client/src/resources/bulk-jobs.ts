import type { BulkJob, SendBulk, SendBulkAnswer } from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";

/** The "bulk jobs" contract: one text to many numbers, jobs as older clients know them. */
export class BulkJobs {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  send(bulk: SendBulk, options?: CreateOptions): Promise<SendBulkAnswer> {
    return this.#http.post("/messages/send-bulk", bulk, options);
  }

  /** Newest first. */
  list(limit?: number, options?: CallOptions): Promise<BulkJob[]> {
    return this.#http.get("/jobs", { limit }, options);
  }

  get(id: string, options?: CallOptions): Promise<BulkJob> {
    return this.#http.get(`/jobs/${encodeURIComponent(id)}`, {}, options);
  }

  cancel(id: string, options?: CallOptions): Promise<BulkJob> {
    return this.#http.post(`/jobs/${encodeURIComponent(id)}/cancel`, undefined, options);
  }
}
