import { webhookHeaders, type WebhookBody } from "@pregonero/contracts";
import type { ClaimedWebhook, WebhookResult } from "@pregonero/db";
import { judgeDelivery, type DeliveryAnswer } from "@pregonero/domain";
import { sleep, type Logger } from "@pregonero/runtime";
import { signWebhook } from "./sign-webhook.ts";
import type { WebhookAnswer } from "./webhook-post.ts";
import { WebhookResults } from "./webhook-results.ts";

export interface WebhookDelivererOptions {
  readonly claim: (limit: number) => Promise<ClaimedWebhook[]>;
  readonly record: (results: readonly WebhookResult[]) => Promise<void>;
  /** The secrets that sign, the present one first. @throws when they cannot be read */
  readonly secretsOf: (claimed: ClaimedWebhook) => readonly string[];
  readonly post: (url: string, headers: Record<string, string>, body: string) => Promise<WebhookAnswer>;
  /** Told of each try. */
  readonly tried: (result: WebhookResult) => void;
  readonly log: Logger;
  readonly userAgent: string;
  /** Most under way at once. */
  readonly most: number;
  /** How long a claim holds. */
  readonly leaseMs: number;
  /** How often to look for what is due when nothing is going on. */
  readonly pollMs: number;
}

/** While the database is away. */
const outageMs = 1_000;

/** Delivers what is due, as long as it runs. Many run at once, in as many workers: the claims keep them apart. */
export class WebhookDeliverer {
  readonly #options: WebhookDelivererOptions;
  readonly #results: WebhookResults;
  readonly #stop = new AbortController();
  readonly #sending = new Set<Promise<void>>();
  /** Claimed and not recorded yet. */
  #open = 0;
  #nap = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: WebhookDelivererOptions) {
    this.#options = options;
    const { record, log, leaseMs } = options;
    this.#results = new WebhookResults({
      record,
      log,
      usefulMs: leaseMs,
      settled: (results) => {
        this.#open -= results.length;
        // A place is free: what waits for it need not wait for the next look.
        this.#nap.abort();
      },
    });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Claims no more; what is under way ends by itself, within the time that a try may take. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#nap.abort();
    await this.#loop;
    await Promise.all(this.#sending);
    await this.#results.flush();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#nap = new AbortController();
      try {
        const claimed = await this.#claim();
        for (const one of claimed) this.#begin(one);
        if (claimed.length === 0 || this.#open >= this.#options.most) await this.#rest(this.#options.pollMs);
      } catch (error) {
        this.#options.log.warn("webhooks could not be claimed", { error });
        await sleep(outageMs, signal);
      }
    }
  }

  async #claim(): Promise<ClaimedWebhook[]> {
    const room = this.#options.most - this.#open;
    if (room <= 0) return [];
    const claimed = await this.#options.claim(room);
    this.#open += claimed.length;
    return claimed;
  }

  /** Until something was recorded, at most so long. */
  async #rest(ms: number): Promise<void> {
    if (!this.#stop.signal.aborted) await sleep(ms, this.#nap.signal);
  }

  #begin(claimed: ClaimedWebhook): void {
    const sending = this.#try(claimed)
      .then((result) => {
        this.#options.tried(result);
        this.#results.add(result);
      })
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Never rejects. */
  async #try(claimed: ClaimedWebhook): Promise<WebhookResult> {
    const startedMs = performance.now();
    const answer = await this.#send(claimed);
    const verdict = judgeDelivery(answer as DeliveryAnswer, claimed.attempt, Math.random);
    return {
      id: claimed.id,
      attempt: claimed.attempt,
      outcome: verdict.outcome,
      delayMs: verdict.outcome === "retry" ? verdict.delayMs : undefined,
      restMs: verdict.outcome === "retry" ? (verdict.restMs ?? undefined) : undefined,
      status: answer.status,
      error: answer.error,
      excerpt: answer.excerpt,
      durationMs: Math.round(performance.now() - startedMs),
    };
  }

  async #send(claimed: ClaimedWebhook): Promise<WebhookAnswer> {
    const { secretsOf, post, userAgent, log } = this.#options;
    const body = JSON.stringify(bodyOf(claimed));
    let secrets: readonly string[];
    try {
      secrets = secretsOf(claimed);
    } catch (error) {
      log.error("the secret of a webhook cannot be read", { endpoint: claimed.endpointId, error });
      return { status: null, retryAfterMs: null, excerpt: null, error: "The server cannot read its secret." };
    }
    const atSeconds = Math.floor(Date.now() / 1_000);
    return await post(
      claimed.url,
      {
        "content-type": "application/json",
        "user-agent": userAgent,
        [webhookHeaders.eventId]: claimed.eventId,
        [webhookHeaders.eventType]: claimed.eventType,
        [webhookHeaders.attempt]: String(claimed.attempt),
        [webhookHeaders.signature]: signWebhook(secrets, atSeconds, body),
      },
      body,
    );
  }
}

function bodyOf({ eventId, eventType, occurredAt, data }: ClaimedWebhook): WebhookBody {
  return { id: eventId, type: eventType, created_at: occurredAt.toISOString(), data };
}
