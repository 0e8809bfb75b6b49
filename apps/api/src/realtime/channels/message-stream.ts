import type { Position } from "@pregonero/queue";
import type { JobListener } from "../jobs/job-watch.ts";
import type { JobWatches } from "../jobs/job-watches.ts";
import { StreamSubscription, type StreamSource } from "./stream-subscription.ts";
import type { Subscriber, Subscription } from "./subscriber.ts";

/**
 * The messages of a job for one subscriber. The job is watched beside its stream: a message that was counted and of which
 * nobody told (its worker died in between) shows there, and nowhere else.
 */
export class MessageStreamSubscription implements Subscription {
  readonly #jobId: string;
  readonly #watches: JobWatches;
  readonly #stream: StreamSubscription;
  readonly #tenantId: number;
  readonly #listener: JobListener = { eventsLost: () => this.#stream.eventsLost() };
  #joined = false;
  #closed = false;

  constructor(
    jobId: string,
    watches: JobWatches,
    source: StreamSource,
    subscriber: Subscriber,
    after?: Position,
  ) {
    this.#jobId = jobId;
    this.#watches = watches;
    this.#tenantId = subscriber.principal.tenantId;
    this.#stream = new StreamSubscription(source, subscriber, after);
  }

  async start(): Promise<boolean> {
    const present = await this.#watches.watch(this.#jobId, this.#tenantId, this.#listener);
    this.#joined = true;
    if (this.#closed) this.#leave();
    else if (present) await this.#stream.start();
    return present !== undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#joined) this.#leave();
  }

  #leave(): void {
    this.#watches.unwatch(this.#jobId, this.#listener);
    this.#stream.close();
  }
}
