import { busChannel, type ChannelReading, type JobProgress, type StateData } from "@pregonero/contracts";
import { formatPosition, parsePosition } from "@pregonero/queue";
import type { RealtimePrincipal } from "../dialect.ts";
import type { EventSource } from "../event-source.ts";
import type { ReadProgress } from "../jobs/progress-reader.ts";
import type { ReadDevices } from "../states/device-states.ts";
import { mostActiveJobs, type ReadActiveJobs } from "../states/tenant-jobs.ts";
import type { ReadStats } from "../states/tenant-stats.ts";
import { batchesOf } from "../streams/stream-batch.ts";
import { parseChannel, type ChannelName } from "./channel-name.ts";
import { deviceState, jobState } from "./state-data.ts";
import { eventsFrame } from "./stream-encoder.ts";

export interface ChannelReaderDeps {
  readonly bus: Pick<EventSource, "head" | "after">;
  readonly readProgress: ReadProgress;
  readonly readActiveJobs: ReadActiveJobs;
  readonly readDevices: ReadDevices;
  readonly readStats: ReadStats;
}

type StateName = Exclude<ChannelName, { kind: "messages" } | { kind: "crm" }>;

/** Redis does not answer. */
export class StreamsAway extends Error {
  override readonly name = "StreamsAway";
}

/** Entries of a stream that one answer has at most. */
const mostEntries = 100;

/** Reads channels once, for clients that ask again and again because they can have no WebSocket. */
export class ChannelReader {
  readonly #deps: ChannelReaderDeps;

  constructor(deps: ChannelReaderDeps) {
    this.#deps = deps;
  }

  /** @returns undefined when there is no such channel. @throws StreamsAway */
  async read(
    channel: string,
    principal: RealtimePrincipal,
    after?: string,
  ): Promise<ChannelReading | undefined> {
    const name = parseChannel(channel);
    const { tenantId } = principal;
    const masked = principal.role === "viewer";
    if (name?.kind === "crm")
      return await this.#stream({ channel, onBus: busChannel.crm(tenantId), masked }, after);
    if (name?.kind === "messages") {
      if (!(await this.#job(name.jobId, tenantId))) return undefined;
      return await this.#stream({ channel, onBus: busChannel.job(name.jobId), masked }, after);
    }
    const state = name && (await this.#state(name, tenantId, masked));
    if (state === undefined) return undefined;
    return { ...nothing, channel, state };
  }

  /** @returns undefined when there is no such thing, null when there is nothing to tell of it */
  async #state(name: StateName, tenantId: number, masked: boolean): Promise<StateData | null | undefined> {
    switch (name.kind) {
      case "job": {
        const job = await this.#job(name.jobId, tenantId);
        return job && jobState(job);
      }
      case "jobs": {
        const active = await this.#deps.readActiveJobs([tenantId], mostActiveJobs);
        return { jobs: (await this.#deps.readProgress(active.map(({ id }) => id))).map(jobState) };
      }
      case "device": {
        const device = (await this.#deps.readDevices([tenantId])).find(({ id }) => id === name.deviceId);
        return device && deviceState(device, masked);
      }
      case "devices": {
        const devices = await this.#deps.readDevices([tenantId]);
        return { devices: devices.map((device) => deviceState(device, masked)) };
      }
      case "stats":
        return (await this.#deps.readStats(tenantId)) ?? null;
    }
  }

  async #job(jobId: string, tenantId: number): Promise<JobProgress | undefined> {
    const [job] = await this.#deps.readProgress([jobId]);
    return job?.tenantId === tenantId ? job : undefined;
  }

  async #stream(
    { channel, onBus, masked }: { channel: string; onBus: string; masked: boolean },
    given: string | undefined,
  ): Promise<ChannelReading> {
    const { bus } = this.#deps;
    const from = given === undefined ? undefined : parsePosition(given);
    const head = await bus.head(onBus).catch(away);
    const reading = { ...nothing, channel, position: formatPosition(head), snapshot: snapshotOf(channel) };
    if (!from) return reading;
    const entries = await bus.after(onBus, from, mostEntries).catch(away);
    if (!entries) {
      const known = from.epoch === head.epoch && from.number > head.number;
      return { ...reading, snapshot_required: known ? "unknown_position" : "history_gone" };
    }
    const frames = batchesOf(entries).map((batch) => eventsFrame(channel, batch, masked));
    const events = frames.flatMap((frame) => frame.events);
    const position = frames.at(-1)?.position ?? formatPosition(from);
    return {
      ...reading,
      position,
      first: frames[0]?.first ?? null,
      events,
      more: entries.length === mostEntries,
    };
  }
}

function away(cause: unknown): never {
  throw new StreamsAway("streams cannot be read now", { cause });
}

const nothing: Omit<ChannelReading, "channel"> = {
  state: null,
  position: null,
  first: null,
  events: [],
  more: false,
  snapshot_required: null,
  snapshot: null,
};

/** Path of the REST API that has the present state of what a stream is about. */
export function snapshotOf(channel: string): string {
  const name = parseChannel(channel);
  return name?.kind === "messages" ? `/api/v1/jobs/${name.jobId}/messages` : "/api/v1/conversations";
}
