import { busChannel, type BusEvent, type JobProgress } from "@pregonero/contracts";
import type { Logger } from "@pregonero/runtime";
import type { EventSource } from "../event-source.ts";
import type { JobNews } from "../jobs/job-fact.ts";
import type { JobListener } from "../jobs/job-watch.ts";
import type { JobWatches } from "../jobs/job-watches.ts";
import { Rounds } from "./rounds.ts";

/** At most so many jobs of a tenant are watched at once; the newest. */
export const mostActiveJobs = 500;

export type ReadActiveJobs = (
  tenantIds: readonly number[],
  limit: number,
) => Promise<readonly { readonly id: string; readonly tenantId: number }[]>;

export interface TenantJobsOptions {
  readonly bus: EventSource;
  readonly watches: JobWatches;
  readonly readActiveJobs: ReadActiveJobs;
  readonly log: Logger;
  readonly pollMs: number;
}

interface Tenant {
  readonly jobs: Map<string, JobListener>;
  /** Jobs whose end was told; statuses are published at least once. */
  readonly ended: Set<string>;
  readonly listeners: Set<JobListener>;
  readonly unsubscribe: () => void;
  readonly loaded: Promise<void>;
}

/** All jobs that are under way of tenants whom sockets of this process belong to, each until it has ended. */
export class TenantJobs {
  readonly #options: TenantJobsOptions;
  readonly #tenants = new Map<number, Tenant>();
  readonly #rounds: Rounds;

  constructor(options: TenantJobsOptions) {
    const { bus, log, pollMs } = options;
    this.#options = options;
    this.#rounds = new Rounds({
      intervalMs: pollMs,
      log,
      flowing: () => bus.ready,
      onFlowing: (listener) => bus.onReconnected(listener),
      read: () => this.#read([...this.#tenants.keys()]),
    });
  }

  /** @returns the jobs that are under way now; what follows goes to `listener` until `unwatch`, in either case. */
  async watch(tenantId: number, listener: JobListener): Promise<JobProgress[]> {
    const tenant = this.#tenants.get(tenantId) ?? this.#open(tenantId);
    tenant.listeners.add(listener);
    await tenant.loaded;
    return [...tenant.jobs.keys()].flatMap((jobId) => this.#options.watches.stateOf(jobId) ?? []);
  }

  unwatch(tenantId: number, listener: JobListener): void {
    const tenant = this.#tenants.get(tenantId);
    if (!tenant?.listeners.delete(listener) || tenant.listeners.size > 0) return;
    this.#tenants.delete(tenantId);
    this.#leave(tenant);
  }

  async close(): Promise<void> {
    for (const tenant of this.#tenants.values()) this.#leave(tenant);
    this.#tenants.clear();
    await this.#rounds.close();
  }

  #open(tenantId: number): Tenant {
    const take = (event: BusEvent): void => {
      if (event.type !== "job") return;
      const { id } = event.job;
      if (isActive(event.job)) tenant.ended.delete(id);
      // Also of a job whose beginning nobody told: its end is news once.
      if (!tenant.ended.has(id)) void this.#enter(tenant, tenantId, id);
    };
    const unsubscribe = this.#options.bus.subscribe(busChannel.tenant(tenantId), take);
    const loaded = this.#read([tenantId]).catch((error: unknown) =>
      this.#options.log.warn("jobs could not be read, trying again", { error }),
    );
    const tenant: Tenant = {
      jobs: new Map(),
      ended: new Set(),
      listeners: new Set(),
      unsubscribe,
      loaded,
    };
    this.#tenants.set(tenantId, tenant);
    return tenant;
  }

  async #read(tenantIds: readonly number[]): Promise<void> {
    if (tenantIds.length === 0) return;
    const active = await this.#options.readActiveJobs(tenantIds, mostActiveJobs);
    await Promise.all(
      active.map(async ({ id, tenantId }) => {
        const tenant = this.#tenants.get(tenantId);
        if (tenant) await this.#enter(tenant, tenantId, id);
      }),
    );
  }

  /** Never rejects. */
  async #enter(tenant: Tenant, tenantId: number, jobId: string): Promise<void> {
    if (tenant.jobs.has(jobId) || tenant.jobs.size >= mostActiveJobs) return;
    const listener: JobListener = {
      state: (job) => tellState(tenant, job),
      news: (news) => this.#news(tenant, jobId, news),
    };
    tenant.jobs.set(jobId, listener);
    const present = await this.#options.watches.watch(jobId, tenantId, listener);
    if (tenant.jobs.get(jobId) !== listener) return this.#options.watches.unwatch(jobId, listener);
    const job = this.#options.watches.stateOf(jobId);
    if (!present || !job) return this.#exit(tenant, jobId);
    tellState(tenant, job);
    // A job may be over by the time that it is looked at.
    if (hasEnded(present)) this.#news(tenant, jobId, present);
  }

  #news(tenant: Tenant, jobId: string, news: JobNews): void {
    for (const one of tenant.listeners) one.news?.(news);
    if (!hasEnded(news)) return;
    remember(tenant.ended, jobId);
    const last = this.#options.watches.stateOf(jobId);
    if (last) tellState(tenant, last);
    this.#exit(tenant, jobId);
  }

  #exit(tenant: Tenant, jobId: string): void {
    const listener = tenant.jobs.get(jobId);
    if (!listener) return;
    tenant.jobs.delete(jobId);
    this.#options.watches.unwatch(jobId, listener);
  }

  #leave(tenant: Tenant): void {
    tenant.unsubscribe();
    for (const jobId of tenant.jobs.keys()) this.#exit(tenant, jobId);
  }
}

function isActive({ status }: JobProgress): boolean {
  return status === "pending" || status === "running" || status === "paused";
}

function remember(ended: Set<string>, jobId: string): void {
  ended.add(jobId);
  for (const oldest of ended) {
    if (ended.size <= mostActiveJobs) return;
    ended.delete(oldest);
  }
}

function tellState(tenant: Tenant, job: JobProgress): void {
  for (const listener of tenant.listeners) listener.state?.(job);
}

function hasEnded({ facts }: JobNews): boolean {
  return facts.some(({ kind }) => kind === "completed" || kind === "failed" || kind === "cancelled");
}
