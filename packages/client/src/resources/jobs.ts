import type {
  JobKind,
  JobPatch,
  JobStatus,
  MessageDetail,
  MessageRow,
  MessageState,
  RetryFailedAnswer,
  SendMessagesJob,
  SendMessagesJobDetail,
  SettleUnknown,
  SettleUnknownAnswer,
} from "@pregonero/contracts";
import type { CallOptions, Http } from "../http/http.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

export interface JobsQuery extends PageQuery {
  readonly status?: JobStatus;
  readonly kind?: JobKind;
  /** Id of a campaign. */
  readonly campaign?: string;
}

export interface MessagesQuery extends PageQuery {
  readonly state?: MessageState;
  readonly device_id?: number;
  readonly phone?: string;
}

const path = (id: string, action = "") => `/api/v1/jobs/${encodeURIComponent(id)}${action}`;

/** Runs of campaigns, bulk sends and single sends. */
export class Jobs {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: JobsQuery = {}, options?: CallOptions): Promise<Page<SendMessagesJob>> {
    return this.#http.get("/api/v1/jobs", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<SendMessagesJobDetail> {
    return this.#http.get(path(id), {}, options);
  }

  /** Its priority, or the beginning of one that is still `scheduled`. Rejects with 409 when it is too late for that. */
  patch(id: string, patch: JobPatch, options?: CallOptions): Promise<SendMessagesJob> {
    return this.#http.patch(path(id), patch, options);
  }

  /** No further message is sent; one that is being sent finishes. Rejects with 409 when it cannot be paused. */
  pause(id: string, options?: CallOptions): Promise<SendMessagesJob> {
    return this.#http.post(path(id, "/pause"), undefined, options);
  }

  resume(id: string, options?: CallOptions): Promise<SendMessagesJob> {
    return this.#http.post(path(id, "/resume"), undefined, options);
  }

  cancel(id: string, options?: CallOptions): Promise<SendMessagesJob> {
    return this.#http.post(path(id, "/cancel"), undefined, options);
  }

  retryFailed(id: string, options?: CallOptions): Promise<RetryFailedAnswer> {
    return this.#http.post(path(id, "/retry-failed"), undefined, options);
  }

  /** Decides what becomes of messages whose outcome nobody could find out. Rejects with 409 when there are none. */
  settleUnknown(id: string, as: SettleUnknown["as"], options?: CallOptions): Promise<SettleUnknownAnswer> {
    return this.#http.post(path(id, "/settle-unknown"), { as }, options);
  }

  messages(id: string, query: MessagesQuery = {}, options?: CallOptions): Promise<Page<MessageRow>> {
    return this.#http.get(path(id, "/messages"), { ...query }, options);
  }

  allMessages(
    id: string,
    query: MessagesQuery = {},
    options?: CallOptions,
  ): AsyncGenerator<MessageRow, void> {
    return allPages((cursor) =>
      this.messages(id, { limit: 1_000, ...query, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }

  /** What became of each recipient, or domain, as the text of a CSV file. */
  export(id: string, options?: CallOptions): Promise<string> {
    return this.#http.getText(path(id, "/export.csv"), options);
  }

  /** The same as an Excel file. */
  exportExcel(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(path(id, "/export.xlsx"), options);
  }

  /** A message with its text and its history. */
  message(id: string, messageId: string, options?: CallOptions): Promise<MessageDetail> {
    return this.#http.get(path(id, `/messages/${encodeURIComponent(messageId)}`), {}, options);
  }
}
