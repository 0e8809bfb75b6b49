import { busChannel, type CrmEvent } from "@pregonero/contracts";
import type { JobNews } from "../jobs/job-fact.ts";
import type { JobListener } from "../jobs/job-watch.ts";
import type { DeviceListener, DeviceStates } from "../states/device-states.ts";
import { LatestOnly } from "../states/latest-only.ts";
import type { TenantJobs } from "../states/tenant-jobs.ts";
import type { StreamBatch } from "../streams/stream-batch.ts";
import type { StreamListener } from "../streams/stream-feed.ts";
import type { StreamFeeds } from "../streams/stream-feeds.ts";
import { outgoing, type Outgoing } from "../wire.ts";
import { deviceEvent, endEvent, progressEvent } from "./crm-frames.ts";
import { maskCrmEvent } from "./mask-crm-event.ts";

export interface CrmRoomDeps {
  readonly feeds: StreamFeeds;
  readonly devices: DeviceStates;
  readonly tenantJobs: TenantJobs;
}

export interface CrmMember {
  readonly masked: boolean;
  send(out: Outgoing): void;
}

const progressIntervalMs = 250;

/** Everybody of one tenant who speaks the "crm events" contract with this process. Frames are made once for all. */
export class CrmRoom {
  readonly #tenantId: number;
  readonly #deps: CrmRoomDeps;
  readonly #members = new Set<CrmMember>();
  readonly #progress = new Map<string, LatestOnly<CrmEvent>>();
  readonly #onDevice: DeviceListener = (device) => {
    this.#tell([deviceEvent(device)], `device ${device.id}`);
  };
  readonly #onJob: JobListener = { news: (news) => this.#jobNews(news) };
  readonly #onStream: StreamListener = {
    events: (batch) => this.#events(batch),
    // This contract has no word for it: its clients read their lists when they connect.
    lost: () => undefined,
  };

  constructor(tenantId: number, deps: CrmRoomDeps) {
    this.#tenantId = tenantId;
    this.#deps = deps;
    const feed = deps.feeds.use(busChannel.crm(tenantId));
    feed.add(this.#onStream);
    void deps.tenantJobs.watch(tenantId, this.#onJob);
    void deps.devices.watch(tenantId, this.#onDevice);
  }

  get empty(): boolean {
    return this.#members.size === 0;
  }

  add(member: CrmMember): void {
    this.#members.add(member);
  }

  remove(member: CrmMember): void {
    this.#members.delete(member);
  }

  close(): void {
    this.#deps.feeds.release(busChannel.crm(this.#tenantId), this.#onStream);
    this.#deps.tenantJobs.unwatch(this.#tenantId, this.#onJob);
    this.#deps.devices.unwatch(this.#tenantId, this.#onDevice);
    for (const latest of this.#progress.values()) latest.close();
  }

  #events({ events }: StreamBatch): void {
    const crm = events.flatMap((event) => (event.type === "crm" ? [event.event] : []));
    this.#tell(crm);
  }

  #jobNews(news: JobNews): void {
    const progress = progressEvent(news);
    if (progress) this.#latest(news.jobId).offer(progress);
    const end = endEvent(news);
    if (!end) return;
    // The last progress comes before the end, and none after it.
    this.#progress.get(news.jobId)?.close();
    this.#progress.delete(news.jobId);
    this.#tell(progress ? [progress, end] : [end]);
  }

  #latest(jobId: string): LatestOnly<CrmEvent> {
    const tell = (event: CrmEvent): void => this.#tell([event], `job ${jobId}`);
    const latest = this.#progress.get(jobId) ?? new LatestOnly(progressIntervalMs, tell);
    this.#progress.set(jobId, latest);
    return latest;
  }

  /** @param topic of events of which a slow client needs only the newest */
  #tell(events: readonly CrmEvent[], topic?: string): void {
    if (events.length === 0) return;
    let full: Outgoing | undefined;
    let masked: Outgoing | undefined;
    for (const member of this.#members) {
      if (member.masked) member.send((masked ??= made(events.map(maskCrmEvent), topic)));
      else member.send((full ??= made(events, topic)));
    }
  }
}

function made(events: readonly CrmEvent[], topic: string | undefined): Outgoing {
  const out = outgoing(events.map((event) => JSON.stringify(event)));
  return topic === undefined ? out : { ...out, conflatable: { topic, lasting: null, newest: out } };
}
