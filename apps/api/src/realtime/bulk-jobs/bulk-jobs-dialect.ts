import {
  bulkClientFrameSchema,
  busChannel,
  type BulkClientFrame,
  type BusEvent,
  type ConnectionFrame,
  type RealtimeErrorCode,
} from "@pregonero/contracts";
import type { Connection } from "../connection.ts";
import type { Dialect, RealtimePrincipal } from "../dialect.ts";
import { createdFact, type JobNews } from "../jobs/job-fact.ts";
import type { EventSource } from "../event-source.ts";
import type { JobListener } from "../jobs/job-watch.ts";
import type { JobWatches } from "../jobs/job-watches.ts";
import type { JobNewsEncoder } from "./job-news-encoder.ts";

export interface BulkJobsDeps {
  readonly watches: JobWatches;
  readonly bus: Pick<EventSource, "subscribe">;
  readonly encoder: JobNewsEncoder;
  readonly maxSubscriptions: number;
}

interface Subscription {
  readonly listener: JobListener;
  active: boolean;
  /** The watch counts us as a user. */
  joined: boolean;
}

/** So many jobs are remembered as announced to a connection: enough for what is created while it subscribes. */
const announcedKept = 1_000;

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** One connection of the "bulk jobs" contract. Frames are flat; see packages/contracts/src/realtime.ts. */
export class BulkJobsDialect implements Dialect {
  readonly #connection: Connection;
  readonly #principal: RealtimePrincipal;
  readonly #deps: BulkJobsDeps;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #announced = new Set<string>();
  #leaveTenant = (): void => undefined;

  /**
   * @param jobId of `/ws/job/{id}`: subscribed at once
   * @param announced whether jobs that the tenant creates are announced, as on `/ws`
   */
  constructor(
    connection: Connection,
    principal: RealtimePrincipal,
    deps: BulkJobsDeps,
    { jobId, announced }: { readonly jobId?: string | undefined; readonly announced: boolean },
  ) {
    this.#connection = connection;
    this.#principal = principal;
    this.#deps = deps;
    this.#send({ type: "connected", message: "Connected" });
    if (announced) {
      const channel = busChannel.tenant(principal.tenantId);
      this.#leaveTenant = deps.bus.subscribe(channel, (event) => this.#announce(event));
    }
    if (jobId !== undefined) this.#subscribe(jobId);
  }

  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  received(text: string | undefined): void {
    const frame = text === undefined ? undefined : parseFrame(text);
    if (frame) this.#handle(frame);
    else
      this.#refuse(
        "invalid_frame",
        "Not a valid frame: expected a JSON object with type subscribe_job, unsubscribe_job or ping",
      );
  }

  closed(): void {
    this.#leaveTenant();
    for (const jobId of this.#subscriptions.keys()) this.#unsubscribe(jobId);
  }

  #handle(frame: BulkClientFrame): void {
    switch (frame.type) {
      case "subscribe_job":
        return this.#subscribe(frame.job_id);
      case "unsubscribe_job":
        return this.#unsubscribe(frame.job_id.toLowerCase());
      case "ping":
        return this.#send({ type: "pong", timestamp: frame.timestamp });
      case "auth":
        // The first frame of clients that do not know that they came in with credentials.
        return undefined;
    }
  }

  #subscribe(givenId: string): void {
    const jobId = givenId.toLowerCase();
    if (this.#subscriptions.has(jobId)) return;
    if (!uuid.test(jobId)) return this.#refuse("unknown_job", "There is no job with this id", givenId);
    if (this.#subscriptions.size >= this.#deps.maxSubscriptions) {
      const most = `At most ${this.#deps.maxSubscriptions} jobs can be followed on one connection`;
      return this.#refuse("too_many_subscriptions", most, givenId);
    }
    const subscription: Subscription = {
      active: true,
      joined: false,
      listener: { news: (news: JobNews) => this.#publish(news) },
    };
    this.#subscriptions.set(jobId, subscription);
    void this.#join(jobId, subscription);
  }

  /** Never rejects: `watch` waits while Postgres is away. */
  async #join(jobId: string, subscription: Subscription): Promise<void> {
    const present = await this.#deps.watches.watch(jobId, this.#principal.tenantId, subscription.listener);
    if (!subscription.active) {
      this.#deps.watches.unwatch(jobId, subscription.listener);
      return;
    }
    subscription.joined = true;
    // News come in later turns of the event loop than this one, so the present state is told first.
    if (present) return this.#publishPresent(present);
    this.#unsubscribe(jobId);
    this.#refuse("unknown_job", "There is no job with this id", jobId);
  }

  #unsubscribe(jobId: string): void {
    const subscription = this.#subscriptions.get(jobId);
    if (!subscription) return;
    this.#subscriptions.delete(jobId);
    subscription.active = false;
    if (subscription.joined) this.#deps.watches.unwatch(jobId, subscription.listener);
  }

  #publishPresent({ jobId, facts }: JobNews): void {
    const untold = facts.filter(({ kind }) => kind !== "created" || this.#announces(jobId));
    this.#publish({ jobId, facts: untold });
  }

  #announce(event: BusEvent): void {
    if (event.type !== "job" || event.previous !== null) return;
    const { job } = event;
    if (this.#announces(job.id)) this.#publish({ jobId: job.id, facts: [createdFact(job)] });
  }

  /** @returns whether "created" is still to be told, and remembers that it is told now */
  #announces(jobId: string): boolean {
    if (this.#announced.has(jobId)) return false;
    this.#announced.add(jobId);
    for (const oldest of this.#announced) {
      if (this.#announced.size <= announcedKept) break;
      this.#announced.delete(oldest);
    }
    return true;
  }

  #publish(news: JobNews): void {
    if (news.facts.length === 0) return;
    this.#connection.send(this.#deps.encoder.encode(news, this.#principal.role === "viewer"));
  }

  #refuse(code: RealtimeErrorCode, error: string, jobId?: string): void {
    this.#send({ type: "error", error, code, ...(jobId === undefined ? {} : { job_id: jobId }) });
  }

  #send(frame: ConnectionFrame): void {
    this.#connection.sendJson(frame);
  }
}

function parseFrame(text: string): BulkClientFrame | undefined {
  try {
    return bulkClientFrameSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
