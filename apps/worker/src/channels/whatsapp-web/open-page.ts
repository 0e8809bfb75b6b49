import { type Logger, sleep } from "@pregonero/runtime";
import type { BrowserContextHandle } from "../../browser/browser-fleet.ts";
import type { LookupAnswer, LookupHint } from "../channel.ts";
import { deferred } from "../../browser/deferred.ts";
import type { Connection } from "./connection.ts";
import type { Follower } from "./connection-tracker.ts";
import type { LookupReport, PageEvent } from "./page/messages.ts";
import { ContextStatusKeeper } from "./context-status.ts";
import { lookupAnswerOf } from "./outcome.ts";
import { PageDriver } from "./page-driver.ts";
import { SessionRecord } from "./session-record.ts";
import type { WhatsAppWebTimeouts } from "./timeouts.ts";

/** Missed signs of life in a row after which a page counts as hung. One may be missed by a worker that stood still. */
const missedBeats = 2;

/**
 * How far the database's clock, which says when a message was claimed, may be behind this host's, which says when the
 * session was linked. Far less than anybody needs to unlink a device and link it again.
 */
const clockToleranceMs = 1_000;

/** What belongs to one opening of the page, and ends with it. */
export class OpenPage implements Follower {
  readonly context: BrowserContextHandle;
  readonly driver: PageDriver;
  readonly status: ContextStatusKeeper;
  readonly openedAtMs = performance.now();
  sends = 0;
  readonly #record: SessionRecord;
  readonly #log: Logger;
  readonly #timeouts: WhatsAppWebTimeouts;
  readonly #closing = new AbortController();
  readonly #known = deferred<void>();
  #linkedAt: Date | null = null;

  constructor(context: BrowserContextHandle, timeouts: WhatsAppWebTimeouts, log: Logger) {
    this.context = context;
    this.driver = new PageDriver(context, timeouts, log);
    this.status = new ContextStatusKeeper((status, detail) => context.report(status, detail));
    this.#record = new SessionRecord(context.profileDir);
    this.#timeouts = timeouts;
    this.#log = log;
  }

  /**
   * Loads WhatsApp Web and waits until the state of the connection is known (and followed by this page).
   * Rejects when the page is lost, when it takes too long, and when the signal fires.
   */
  async load(url: string, onEvent: (event: PageEvent) => void, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const ends = [signal, waiting.signal, this.#closing.signal];
    const tooLong = sleep(this.#timeouts.readyMs, AbortSignal.any(ends)).then((timeIsUp) => {
      throw new Error(timeIsUp ? `WhatsApp Web not ready within ${this.#timeouts.readyMs} ms` : "given up");
    });
    const lost = this.context.lost.then((reason) => Promise.reject(new Error(reason)));
    const ready = this.driver.load(url, onEvent).then(() => this.#known.promise);
    try {
      await Promise.race([ready, tooLong, lost]);
      await this.driver.readClock();
    } finally {
      waiting.abort();
      for (const promise of [ready, tooLong, lost]) promise.catch(() => undefined);
    }
  }

  changed({ state, reason }: Connection): void {
    this.status.connection(state, reason);
    if (state !== "connecting") this.#known.resolve();
    if (state === "connected") void this.#readLinkedAt();
  }

  /** The device was linked just now: its store is new. */
  linked(): void {
    const at = new Date();
    this.#linkedAt = at;
    this.#record
      .linked(at)
      .catch((error: unknown) => this.#log.warn("time of linking could not be recorded", { error }));
  }

  /** A session of unknown age is taken to begin now. */
  async #readLinkedAt(): Promise<void> {
    const recorded = await this.#record.linkedAt();
    if (recorded === null && this.#linkedAt === null) this.linked();
    this.#linkedAt ??= recorded;
  }

  /** Whether a message that was claimed then must be in the present store if it was sent. */
  holdsAttemptsOf(attemptedAt: Date): boolean {
    return this.#linkedAt !== null && attemptedAt.getTime() >= this.#linkedAt.getTime() - clockToleranceMs;
  }

  /** What the page's answer about a message of that time is worth. */
  answerOf(report: LookupReport[string], hint: LookupHint | undefined): LookupAnswer {
    const answer = lookupAnswerOf(report);
    const attemptedAt = hint?.attemptedAt;
    if (answer !== "not_found" || attemptedAt === undefined) return answer;
    return this.holdsAttemptsOf(attemptedAt) ? "not_found" : "dont_know";
  }

  /** Resolves with the reason when the page does not answer any more, or null when it was closed. */
  async watchPulse(): Promise<string | null> {
    const { signal } = this.#closing;
    let missed = 0;
    while (await sleep(this.#timeouts.heartbeatMs, signal)) {
      try {
        await this.driver.readClock();
        missed = 0;
      } catch (error) {
        missed += 1;
        this.#log.warn("page gave no sign of life", { missed, error });
        if (missed >= missedBeats && !signal.aborted) return "the page does not answer";
      }
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.status.stop();
    await this.context.close();
  }
}
