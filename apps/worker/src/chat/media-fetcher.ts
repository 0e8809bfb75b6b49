import type { PendingMedia } from "@pregonero/db";
import { backoffMs, type Logger } from "@pregonero/runtime";
import { MediaUnavailable, type IncomingFile } from "../channels/channel.ts";

export interface MediaFetcherOptions {
  /** Files whose time has come, each put off for `putOffMs`. */
  readonly take: (limit: number, putOffMs: number) => Promise<PendingMedia[]>;
  readonly fetch: (ref: string, signal: AbortSignal) => Promise<IncomingFile>;
  /** Stores the bytes and says so in the row. */
  readonly store: (media: PendingMedia, file: IncomingFile) => Promise<void>;
  /** `retryMs` null: given up. */
  readonly failed: (media: PendingMedia, failure: { error: string; retryMs: number | null }) => Promise<void>;
  readonly log: Logger;
}

/** Fetched at once; they hold their bytes in memory. */
const atOnce = 3;
/** Longer than a fetch takes: should this process die over it, somebody tries again then. */
const putOffMs = 3 * 60_000;
/** Over a bit more than a day. */
const mostAttempts = 12;
const slowestRetryMs = 4 * 3_600_000;

/** Fetches the files of messages that came in, while the device is connected. The rows say which. */
export class MediaFetcher {
  readonly #options: MediaFetcherOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: MediaFetcherOptions) {
    this.#options = options;
  }

  /** Looks what there is to fetch; returns before it is done. */
  look(): void {
    if (this.#stopping.signal.aborted) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        const pending = await this.#options.take(atOnce, putOffMs);
        await Promise.all(pending.map((media) => this.#fetch(media)));
        if (pending.length === atOnce) this.#again = true;
      } catch (error) {
        this.#options.log.warn("files that came in could not be looked for", { error });
      }
    }
  }

  async #fetch(media: PendingMedia): Promise<void> {
    const { fetch, store, failed, log } = this.#options;
    try {
      await store(media, await fetch(media.ref, this.#stopping.signal));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isFinal = error instanceof MediaUnavailable || media.attempt >= mostAttempts;
      const retryMs = isFinal ? null : backoffMs(media.attempt, { baseMs: 2_000, maxMs: slowestRetryMs });
      log.warn("a file that came in could not be fetched", { media: media.id, retryMs, reason });
      await failed(media, { error: reason.slice(0, 300), retryMs });
    }
  }
}
