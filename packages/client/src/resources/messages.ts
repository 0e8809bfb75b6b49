import type { BulkSend, SendAccepted, SingleSend } from "@pregonero/contracts";
import type { CreateOptions, Http } from "../http/http.ts";

/** Sends without a campaign. */
export class Messages {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** One message, before all bulk work of its device. */
  send(message: SingleSend, options?: CreateOptions): Promise<SendAccepted> {
    return this.#http.post("/api/v1/messages/send", message, options);
  }

  /** A text of its own for each recipient. */
  sendBulk(messages: BulkSend, options?: CreateOptions): Promise<SendAccepted> {
    return this.#http.post("/api/v1/messages/bulk", messages, options);
  }
}
