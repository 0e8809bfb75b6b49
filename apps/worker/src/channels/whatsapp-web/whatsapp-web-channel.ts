import type { Logger } from "@pregonero/runtime";
import type { BrowserContextHandle } from "../../browser/browser-fleet.ts";
import type {
  Channel,
  ChannelListener,
  ConnectionState,
  ContextUsage,
  FileContent,
  LookupAnswer,
  LookupHint,
  NumberCheck,
  OpenFile,
  OutgoingMessage,
  IncomingFile,
  SendOutcome,
} from "../channel.ts";
import { ConnectionTracker } from "./connection-tracker.ts";
import { Heard } from "./heard.ts";
import { inboundOf } from "./inbound.ts";
import { KnownNumbers } from "./known-numbers.ts";
import { OpenPage } from "./open-page.ts";
import { outcomeOf, refused } from "./outcome.ts";
import type { LookupReport, PageEvent, SendReport } from "./page/messages.ts";
import { fetchFile, handOver } from "./page-files.ts";
import { defaultTimeouts, type WhatsAppWebTimeouts } from "./timeouts.ts";

export interface WhatsAppWebOptions {
  /** Where browser contexts come from: the worker's BrowserFleet. */
  readonly fleet: { open(deviceId: number, signal: AbortSignal): Promise<BrowserContextHandle> };
  readonly deviceId: number;
  /** WhatsApp Web, or a stand-in. */
  readonly url: string;
  /** Of an address that a user gave: rejects when it leads into our own network. */
  readonly admit?: (() => Promise<void>) | undefined;
  readonly listener: ChannelListener;
  readonly openFile: OpenFile;
  /** Larger files of messages that come in are left where they are. */
  readonly maxMediaBytes: number;
  readonly timeouts?: Partial<WhatsAppWebTimeouts>;
  readonly log: Logger;
}

/** Ids per call of the page: a large batch must not hold the page for longer than a call may take. */
const lookupBatch = 50;

/** E.164 without the plus. Anything else makes WhatsApp "send" to a chat that does not exist. */
const phonePattern = /^[1-9]\d{6,14}$/;
/** A number that WhatsApp hides: its chat is known by it already. */
const hiddenPattern = /^\d{5,20}@lid$/;

/**
 * WhatsApp Web in the device's browser context, driven through wa-js. Does not reconnect by itself: when the page is
 * lost it says so (`error`), and whoever runs the device calls `disconnect()` and `connect()`.
 */
export class WhatsAppWebChannel implements Channel {
  /** One after the other, as a person would. */
  readonly maxInFlight = 1;
  readonly #options: WhatsAppWebOptions;
  readonly #timeouts: WhatsAppWebTimeouts;
  readonly #log: Logger;
  readonly #known = new KnownNumbers();
  readonly #heard = new Heard();
  #tracker: ConnectionTracker;
  #page: OpenPage | null = null;
  /** The `connect` that is going on, and how to end it. */
  #connecting: { readonly abort: AbortController; readonly done: Promise<void> } | null = null;

  constructor(options: WhatsAppWebOptions) {
    this.#options = options;
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.#log = options.log.child({ deviceId: options.deviceId, channel: "whatsapp_web" });
    this.#tracker = new ConnectionTracker(options.listener);
  }

  get state(): ConnectionState {
    return this.#tracker.state;
  }

  /**
   * Opens the device's browser and WhatsApp Web in it; resolves when the state is known, that is, neither
   * `disconnected` nor `connecting` by mere lack of time. Later changes go to the listener.
   * @throws BrowserOpenError, or an Error when the page could not be loaded or did not get ready in time. Nothing
   * stays open then.
   */
  async connect(signal: AbortSignal): Promise<void> {
    if (this.#page !== null || this.#connecting !== null) throw new Error("the channel is open already");
    const abort = new AbortController();
    const done = this.#connect(AbortSignal.any([signal, abort.signal]));
    this.#connecting = { abort, done };
    try {
      await done;
    } finally {
      this.#connecting = null;
    }
  }

  /** An error stays to be seen after it: whoever connects again right away would hide its reason otherwise. */
  async disconnect(): Promise<void> {
    this.#connecting?.abort.abort();
    await this.#connecting?.done.catch(() => undefined);
    const page = this.#page;
    // Forgotten first: what the closing page still says is not news.
    this.#page = null;
    await page?.close();
    if (this.state !== "disconnected" && this.state !== "error") this.#tracker.set({ state: "disconnected" });
  }

  /** Asks whether the number is on WhatsApp while the message before it is sent: the answer is kept for a day. */
  prepare(to: string): void {
    void this.checkNumber(to);
  }

  async send(message: OutgoingMessage): Promise<SendOutcome> {
    const page = this.#page;
    const refusal = this.#refusalOf(message);
    if (refusal !== null || page === null) return refusal ?? refused("not_started", "the page is not open");
    const { content } = message;
    if (content.kind !== "text" && content.kind !== "file") {
      return refused("rejected", "WhatsApp Web carries texts and files only");
    }
    const file = content.kind === "file" ? await this.#handOver(page, message, content) : null;
    if (file !== null && "kind" in file) return file;
    const text = content.kind === "text" ? content.text : (content.caption ?? "");
    page.status.sendBegan();
    page.sends += 1;
    try {
      const chatId = hiddenPattern.test(message.to) ? message.to : this.#known.chatOf(message.to);
      const report = await page.driver.send(message, text, chatId, file);
      return this.#outcomeOf(report, message, page);
    } catch (error) {
      // The call had begun: whether WhatsApp has the message, only a lookup can tell.
      return { kind: "ambiguous", reason: error instanceof Error ? error.message : String(error) };
    } finally {
      page.status.sendEnded();
    }
  }

  async lookup(
    providerMessageIds: readonly string[],
    hints: ReadonlyMap<string, LookupHint> = new Map(),
  ): Promise<ReadonlyMap<string, LookupAnswer>> {
    const answers = new Map<string, LookupAnswer>(providerMessageIds.map((id) => [id, "dont_know"]));
    const page = this.#page;
    if (page === null) return answers;
    for (let from = 0; from < providerMessageIds.length; from += lookupBatch) {
      const ids = providerMessageIds.slice(from, from + lookupBatch);
      const report = await this.#ask(page, ids, hints);
      for (const id of ids) answers.set(id, page.answerOf(report[id] ?? "dont_know", hints.get(id)));
    }
    return answers;
  }

  async checkNumber(phone: string): Promise<NumberCheck> {
    if (!phonePattern.test(phone)) return "no";
    if (this.#known.chatOf(phone) !== null) return "yes";
    if (this.#page === null || this.state !== "connected") return "dont_know";
    try {
      const answer = await this.#page.driver.exists(phone);
      if (answer.exists === "yes") this.#known.learn(phone, answer.chatId);
      return answer.exists;
    } catch {
      return "dont_know";
    }
  }

  /** @throws Error when the device is linked already, is not open, or WhatsApp refuses the number. */
  async requestPairingCode(phone: string): Promise<string> {
    if (this.#page === null || this.state !== "qr") throw new Error(`no pairing while ${this.state}`);
    return this.#page.driver.requestPairingCode(phone);
  }

  /** @throws Error when WhatsApp cannot be told: the session is still there then. */
  async logout(): Promise<void> {
    if (this.state === "qr") return;
    if (this.#page === null || this.state !== "connected") throw new Error(`no logout while ${this.state}`);
    try {
      await this.#page.driver.logout();
    } catch (error) {
      // WhatsApp loads its page anew after a logout, which may cut our call off.
      if (this.state === "connected") throw error;
    }
  }

  /** @throws Error when the page cannot be asked */
  async markRead(phone: string): Promise<void> {
    if (this.#page === null || this.state !== "connected") throw new Error(`no reading while ${this.state}`);
    await this.#page.driver.markRead(hiddenPattern.test(phone) ? phone : `${phone}@c.us`);
  }

  async fetchMedia(ref: string): Promise<IncomingFile> {
    if (this.#page === null || this.state !== "connected") throw new Error(`no files while ${this.state}`);
    return await fetchFile(this.#page.driver, ref, this.#options.maxMediaBytes);
  }

  /** What the open context has been through; null when none is open. */
  async usage(measureMemory = true): Promise<ContextUsage | null> {
    const page = this.#page;
    if (page === null) return null;
    const { sends, openedAtMs, context } = page;
    const memoryMb = measureMemory ? await context.memoryMb() : null;
    return { sends, openForMs: performance.now() - openedAtMs, memoryMb };
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { admit, fleet, deviceId, listener } = this.#options;
    const tracker = new ConnectionTracker(listener);
    this.#tracker = tracker;
    tracker.set({ state: "connecting" });
    let page: OpenPage | null = null;
    try {
      await admit?.();
      page = new OpenPage(await fleet.open(deviceId, signal), this.#timeouts, this.#log);
      await this.#load(page, tracker, signal);
    } catch (error) {
      this.#page = null;
      await page?.close();
      const reason = error instanceof Error ? error.message : String(error);
      tracker.set(signal.aborted ? { state: "disconnected" } : { state: "error", reason });
      throw error;
    }
  }

  async #load(page: OpenPage, tracker: ConnectionTracker, signal: AbortSignal): Promise<void> {
    this.#page = page;
    tracker.follow(page);
    void page.context.lost.then((reason) => this.#lost(page, reason));
    await page.load(this.#options.url, (event) => this.#handle(page, event), signal);
    void page.watchPulse().then((reason) => reason !== null && this.#lost(page, reason));
  }

  #lost(page: OpenPage, reason: string): void {
    if (this.#page === page) this.#tracker.set({ state: "error", reason });
  }

  #handle(page: OpenPage, event: PageEvent): void {
    if (this.#page !== page) return;
    const { listener } = this.#options;
    if (event.kind === "ack") {
      const ack = this.#heard.newAck(event.id, event.ack);
      if (ack !== null) listener.ack(event.id, ack, new Date(event.atMs));
    } else if (event.kind === "inbound") {
      if (this.#heard.isNewInbound(event.id)) listener.inbound(inboundOf(event));
    } else this.#tracker.handle(event);
  }

  /** Why the call is not even begun, or null. */
  #refusalOf({ to, notAfterMs }: OutgoingMessage): SendOutcome | null {
    if (!phonePattern.test(to) && !hiddenPattern.test(to))
      return refused("invalid_recipient", "not a phone number in international form");
    if (this.#tracker.isBanned) return refused("device_banned", "WhatsApp has banned the number for a time");
    if (this.state === "error") return refused("not_started", "the page is lost");
    if (this.state !== "connected") return refused("device_disconnected", `the device is ${this.state}`);
    return performance.now() < notAfterMs ? null : refused("not_started", "the lease had no time left");
  }

  /** The file as the page knows it, or why the send has not even begun. */
  async #handOver(page: OpenPage, message: OutgoingMessage, content: FileContent) {
    try {
      const file = await this.#options.openFile(content.tenantId, content.mediaId);
      if (file === null) return refused("rejected", "the file is gone");
      return await handOver(page.driver, message.providerMessageId, file);
    } catch (error) {
      return refused("provider_temporary", `the file could not be handed over: ${String(error)}`);
    }
  }

  #outcomeOf(report: SendReport, { to }: OutgoingMessage, page: OpenPage): SendOutcome {
    const outcome = outcomeOf(report);
    if (report.phase === "not_begun") {
      if (report.why === "other_document") page.driver.readClock().catch(() => undefined);
      return outcome;
    }
    if (outcome.kind === "sent") this.#known.learn(to, report.chatId);
    if (outcome.kind !== "refused") return outcome;
    // A number that was on WhatsApp yesterday may have left it since.
    this.#known.forget(to);
    return this.#tracker.isBanned ? refused("device_banned", outcome.failure.detail) : outcome;
  }

  async #ask(
    page: OpenPage,
    ids: readonly string[],
    hints: ReadonlyMap<string, LookupHint>,
  ): Promise<LookupReport> {
    try {
      return await page.driver.lookup(ids.map((id) => ({ id, to: hints.get(id)?.to ?? null })));
    } catch (error) {
      this.#log.warn("the session's store could not be asked", { count: ids.length, error });
      return {};
    }
  }
}
