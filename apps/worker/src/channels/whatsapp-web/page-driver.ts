import type { Logger } from "@pregonero/runtime";
import { z } from "zod";
import type { BrowserContextHandle } from "../../browser/browser-fleet.ts";
import type { OutgoingMessage } from "../channel.ts";
import {
  clockReadingSchema,
  type ExistsAnswer,
  existsAnswerSchema,
  type FetchedFile,
  fetchedFileSchema,
  type LookupReport,
  type LookupRequest,
  lookupReportSchema,
  type PageEvent,
  pageEventsSchema,
  type SendReport,
  type SendRequest,
  sendReportSchema,
} from "./page/messages.ts";
import type { PageGlobals } from "./page/install.ts";
import { PageClock } from "./page-clock.ts";
import { readPageScript } from "./page-script.ts";
import type { WhatsAppWebTimeouts } from "./timeouts.ts";

/** Of the time of a send, what may go by before WhatsApp is told to send, and before the page gives up waiting. */
const beginShare = 0.5;
const endShare = 0.95;

/** For the functions below that run in the page. */
declare const window: PageGlobals;

/** WhatsApp's page as the worker sees it: calls that end in time, and events. */
export class PageDriver {
  readonly #context: BrowserContextHandle;
  readonly #timeouts: WhatsAppWebTimeouts;
  readonly #log: Logger;
  readonly #clock = new PageClock();
  readonly #gone: Promise<never>;

  constructor(context: BrowserContextHandle, timeouts: WhatsAppWebTimeouts, log: Logger) {
    this.#context = context;
    this.#timeouts = timeouts;
    this.#log = log;
    this.#gone = context.lost.then((reason) => Promise.reject(new Error(reason)));
    // Each call races against it; without a call nobody needs to hear.
    this.#gone.catch(() => undefined);
  }

  /** Loads WhatsApp Web with wa-js in it. Events come as soon as there are any. */
  async load(url: string, onEvent: (event: PageEvent) => void): Promise<void> {
    const { page } = this.#context;
    await page.exposeFunction("pregoneroEvents", (batch: unknown) => this.#receive(batch, onEvent));
    await page.evaluateOnNewDocument(await readPageScript());
    await Promise.race([page.goto(url, { waitUntil: "domcontentloaded" }), this.#gone]);
  }

  /** Reads the page's clock: a sign of life, and what the deadlines of sends are translated with. */
  async readClock(): Promise<void> {
    const reading = await this.#within(
      this.#timeouts.heartbeatAnswerMs,
      this.#context.page.evaluate(() => ({ timeOrigin: performance.timeOrigin, nowMs: performance.now() })),
      clockReadingSchema,
    );
    this.#clock.note(reading, performance.now());
  }

  /**
   * One call of the page does it all: deadline, number check, send, and what the store says afterwards. Rejects when
   * the page did not answer: then the message may have been sent or not.
   * @param text what is sent
   * @param chatId the chat that the number is known to have, or null
   * @param file handed over before, see `handOver` in page-files.ts; null for a mere text
   */
  async send(
    message: OutgoingMessage,
    text: string,
    chatId: string | null,
    file: SendRequest["file"] = null,
  ): Promise<SendReport> {
    const { sendMs } = this.#timeouts;
    const nowMs = performance.now();
    const begin = this.#clock.at(Math.min(message.notAfterMs, nowMs + sendMs * beginShare));
    const end = this.#clock.at(nowMs + sendMs * endShare);
    if (begin === null || end === null) {
      return { phase: "not_begun", why: "other_document", detail: "clock not read yet" };
    }
    const { providerMessageId: id, to } = message;
    const { timeOrigin, ms: beginBeforeMs } = begin;
    const request = { id, to, chatId, text, file, timeOrigin, beginBeforeMs, endByMs: end.ms };
    const call = this.#context.page.evaluate(
      (sent) =>
        window.pregonero?.send(sent) ?? { phase: "not_begun", why: "other_document", detail: "no script" },
      request,
    );
    return this.#within(sendMs, call, sendReportSchema);
  }

  async exists(phone: string): Promise<ExistsAnswer> {
    const { checkMs } = this.#timeouts;
    const call = this.#context.page.evaluate(
      (asked, ms) => window.pregonero?.exists(asked, ms),
      phone,
      checkMs,
    );
    return this.#within(checkMs * 2, call, existsAnswerSchema);
  }

  async lookup(items: LookupRequest["items"]): Promise<LookupReport> {
    const { checkMs, lookupMs } = this.#timeouts;
    const request: LookupRequest = { items, checkMs };
    const call = this.#context.page.evaluate((asked) => window.pregonero?.lookup(asked), request);
    return this.#within(lookupMs, call, lookupReportSchema);
  }

  async markRead(chatId: string): Promise<void> {
    const call = this.#context.page.evaluate((asked) => window.pregonero?.markRead(asked), chatId);
    await this.#within(this.#timeouts.actionMs, call, z.literal(true));
  }

  async addToFile(name: string, base64: string): Promise<void> {
    const call = this.#context.page.evaluate(
      (to, part) => window.pregonero?.addToFile(to, part),
      name,
      base64,
    );
    await this.#within(this.#timeouts.actionMs, call, z.literal(true));
  }

  /** Forgets a file that the page was handed or has fetched. */
  async dropFile(name: string): Promise<void> {
    const call = this.#context.page.evaluate((dropped) => window.pregonero?.dropFile(dropped), name);
    await this.#within(this.#timeouts.actionMs, call, z.boolean());
  }

  async fetchFile(key: string): Promise<FetchedFile> {
    const call = this.#context.page.evaluate((asked) => window.pregonero?.fetchFile(asked), key);
    return this.#within(this.#timeouts.fetchMs, call, fetchedFileSchema);
  }

  /** In base64. */
  async readFile(name: string, from: number, length: number): Promise<string> {
    const call = this.#context.page.evaluate(
      (of, at, most) => window.pregonero?.readFile(of, at, most),
      name,
      from,
      length,
    );
    return this.#within(this.#timeouts.actionMs, call, z.string());
  }

  async requestPairingCode(phone: string): Promise<string> {
    const call = this.#context.page.evaluate((asked) => window.pregonero?.requestPairingCode(asked), phone);
    return this.#within(this.#timeouts.actionMs, call, z.string().min(1));
  }

  async logout(): Promise<void> {
    const call = this.#context.page.evaluate(() => window.pregonero?.logout());
    await this.#within(this.#timeouts.actionMs, call, z.literal(true));
  }

  /** Rejects when the call does, when the page is gone, when the time is up, and when the answer is not ours. */
  async #within<T>(ms: number, call: Promise<unknown>, schema: z.ZodType<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the page did not answer within ${ms} ms`)), ms);
    });
    try {
      return schema.parse(await Promise.race([call, tooLong, this.#gone]));
    } finally {
      clearTimeout(timer);
      // Whoever lost the race may still reject.
      call.catch(() => undefined);
    }
  }

  #receive(batch: unknown, onEvent: (event: PageEvent) => void): void {
    const events = typeof batch === "string" ? pageEventsSchema.safeParse(parseJson(batch)) : null;
    if (events === null || !events.success) {
      this.#log.warn("events of the page could not be read", { error: events?.error });
      return;
    }
    for (const event of events.data) {
      if (event.kind === "document") this.#newDocument();
      onEvent(event);
    }
  }

  #newDocument(): void {
    // Until it is read anew the page's time is unknown, and no send begins.
    this.#clock.reset();
    this.readClock().catch((error: unknown) => this.#log.debug("page clock not read", { error }));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
