import type { JobProgress, StateData, TenantStats } from "@pregonero/contracts";
import type { JobListener } from "../jobs/job-watch.ts";
import type { JobWatches } from "../jobs/job-watches.ts";
import type { DeviceListener, DeviceRow, DeviceStates } from "../states/device-states.ts";
import type { TenantJobs } from "../states/tenant-jobs.ts";
import type { StatsListener, StatsStates } from "../states/tenant-stats.ts";
import type { ChannelName } from "./channel-name.ts";
import { deviceState, jobState } from "./state-data.ts";

export interface StateDeps {
  readonly watches: JobWatches;
  readonly tenantJobs: TenantJobs;
  readonly devices: DeviceStates;
  readonly stats: StatsStates;
}

/** Where the state of a channel comes from: an item is the state of one thing. */
export interface StateSource<Item extends object = object> {
  /** @returns how things are now, undefined when the tenant has no such thing; changes go to `tell` until `close` */
  open(tell: (item: Item) => void): Promise<readonly Item[] | undefined>;
  close(): void;
  /** Newest wins among items of the same topic. */
  topicOf(item: Item): string;
  /** @returns undefined when there is nothing to tell */
  dataOf(items: readonly Item[], masked: boolean): StateData | undefined;
}

type StateName = Exclude<ChannelName, { kind: "messages" } | { kind: "crm" }>;

export function stateSource(name: StateName, tenantId: number, deps: StateDeps): StateSource {
  switch (name.kind) {
    case "job":
      return jobSource(name.jobId, tenantId, deps.watches) as StateSource;
    case "jobs":
      return jobsSource(tenantId, deps.tenantJobs) as StateSource;
    case "device":
      return devicesSource(tenantId, deps.devices, name.deviceId) as StateSource;
    case "devices":
      return devicesSource(tenantId, deps.devices) as StateSource;
    case "stats":
      return statsSource(tenantId, deps.stats) as StateSource;
  }
}

function jobSource(jobId: string, tenantId: number, watches: JobWatches): StateSource<JobProgress> {
  let listener: JobListener = {};
  return {
    async open(tell) {
      listener = { state: tell };
      const present = await watches.watch(jobId, tenantId, listener);
      const job = watches.stateOf(jobId);
      return present && job && [job];
    },
    close: () => watches.unwatch(jobId, listener),
    topicOf: () => "",
    dataOf: ([job]) => job && jobState(job),
  };
}

function jobsSource(tenantId: number, jobs: TenantJobs): StateSource<JobProgress> {
  let listener: JobListener = {};
  return {
    open(tell) {
      listener = { state: tell };
      return jobs.watch(tenantId, listener);
    },
    close: () => jobs.unwatch(tenantId, listener),
    topicOf: ({ id }) => id,
    dataOf: (all) => ({ jobs: all.map(jobState) }),
  };
}

/** @param only of one device, else of all */
function devicesSource(tenantId: number, devices: DeviceStates, only?: number): StateSource<DeviceRow> {
  let listener: DeviceListener = () => undefined;
  const wanted = ({ id }: DeviceRow): boolean => only === undefined || id === only;
  return {
    async open(tell) {
      listener = (device) => (wanted(device) ? tell(device) : undefined);
      const present = (await devices.watch(tenantId, listener)).filter(wanted);
      return only !== undefined && present.length === 0 ? undefined : present;
    },
    close: () => devices.unwatch(tenantId, listener),
    topicOf: ({ id }) => String(id),
    dataOf(all, masked) {
      const states = all.map((device) => deviceState(device, masked));
      return only === undefined ? { devices: states } : states[0];
    },
  };
}

function statsSource(tenantId: number, stats: StatsStates): StateSource<TenantStats> {
  let listener: StatsListener = () => undefined;
  return {
    async open(tell) {
      listener = tell;
      const present = await stats.watch(tenantId, listener);
      return present ? [present] : [];
    },
    close: () => stats.unwatch(tenantId, listener),
    topicOf: () => "",
    dataOf: ([figures]) => figures,
  };
}
