import type { Timers } from "../network/timers.ts";
import type { WebhookSettings } from "./fault-settings.ts";

interface WebhookTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface OutletParts<T> {
  readonly timers: Timers;
  readonly settings: () => WebhookSettings;
  /** Most things in one post, whatever the settings say. */
  readonly batchMax: number;
  readonly render: (things: readonly T[]) => string;
  /** Where to post this body; null when nobody wants to hear. Asked before each attempt. */
  readonly target: (body: string, things: readonly T[]) => WebhookTarget | null;
}

interface Post<T> {
  readonly things: readonly T[];
  readonly body: string;
  attempt: number;
}

/** How it went so far, counted in things told and not in posts. */
export interface OutletCounts {
  readonly waiting: number;
  readonly told: number;
  /** Given up after the last attempt. */
  readonly lost: number;
  /** Attempts that were not answered with 200. */
  readonly refusals: number;
}

const answerTimeoutMs = 10_000;
const maxRetryMs = 30_000;
const postsAtOnce = 8;

/** Tells a receiver by HTTP what happened: in batches, at least once, again with back-off until it answers 200. */
export class WebhookOutlet<T> {
  readonly #parts: OutletParts<T>;
  readonly #posts: Post<T>[] = [];
  readonly #running = new Set<AbortController>();
  #pending: T[] = [];
  #flushIsDue = false;
  #closed = false;
  readonly #counts = { waiting: 0, told: 0, lost: 0, refusals: 0 };

  constructor(parts: OutletParts<T>) {
    this.#parts = parts;
  }

  get counts(): OutletCounts {
    return { ...this.#counts };
  }

  /** @param afterMs on top of the delay in the settings */
  tell(thing: T, afterMs = 0): void {
    const { timers, settings } = this.#parts;
    this.#counts.waiting += 1;
    timers.after(settings().delay_ms + afterMs, () => this.#collect(thing));
  }

  /** Nothing is posted any more. */
  close(): void {
    this.#closed = true;
    this.#posts.length = 0;
    for (const post of this.#running) post.abort();
  }

  #collect(thing: T): void {
    this.#pending.push(thing);
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    const { timers, settings } = this.#parts;
    timers.after(settings().batch_wait_ms, () => this.#flush());
  }

  #flush(): void {
    this.#flushIsDue = false;
    const { settings, batchMax, render } = this.#parts;
    const { batch_max, doubled } = settings();
    const size = Math.min(batch_max, batchMax);
    const pending = this.#pending;
    this.#pending = [];
    for (let from = 0; from < pending.length; from += size) {
      const things = pending.slice(from, from + size);
      const body = render(things);
      this.#posts.push({ things, body, attempt: 1 });
      if (!doubled) continue;
      this.#posts.push({ things, body, attempt: 1 });
      this.#counts.waiting += things.length;
    }
    this.#pump();
  }

  #pump(): void {
    while (!this.#closed && this.#running.size < postsAtOnce) {
      const post = this.#posts.shift();
      if (post === undefined) return;
      void this.#deliver(post);
    }
  }

  /** Never rejects. */
  async #deliver(post: Post<T>): Promise<void> {
    const abort = new AbortController();
    this.#running.add(abort);
    const outcome = await this.#attempt(post, abort);
    this.#running.delete(abort);
    if (this.#closed) return;
    if (outcome === "refused") this.#again(post);
    else this.#done(post, outcome === "told" ? "told" : null);
    this.#pump();
  }

  async #attempt({ body, things }: Post<T>, abort: AbortController): Promise<"told" | "refused" | "unheard"> {
    const target = this.#parts.target(body, things);
    if (target === null) return "unheard";
    const timer = setTimeout(() => abort.abort(), answerTimeoutMs);
    try {
      const response = await fetch(target.url, {
        method: "POST",
        headers: { "content-type": "application/json", ...target.headers },
        body,
        redirect: "manual",
        signal: abort.signal,
      });
      await response.arrayBuffer();
      return response.status === 200 ? "told" : "refused";
    } catch {
      return "refused";
    } finally {
      clearTimeout(timer);
    }
  }

  #again(post: Post<T>): void {
    const { timers, settings } = this.#parts;
    const { retry_ms, attempts } = settings();
    this.#counts.refusals += 1;
    if (post.attempt >= attempts) return this.#done(post, "lost");
    const waitMs = Math.min(maxRetryMs, retry_ms * 2 ** (post.attempt - 1));
    post.attempt += 1;
    // At least a moment, or a receiver that is down would be asked without end in one turn.
    timers.after(Math.max(1, waitMs), () => {
      this.#posts.push(post);
      this.#pump();
    });
  }

  #done({ things }: Post<T>, as: "told" | "lost" | null): void {
    this.#counts.waiting -= things.length;
    if (as !== null) this.#counts[as] += things.length;
  }
}
