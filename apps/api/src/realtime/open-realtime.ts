import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger, Metrics } from "@pregonero/runtime";
import { WebSocketServer, type PerMessageDeflateOptions } from "ws";
import { JobNewsEncoder } from "./bulk-jobs/job-news-encoder.ts";
import { ChannelDesk } from "./channels/channel-desk.ts";
import { ChannelReader } from "./channels/channel-reader.ts";
import { Connections, type ConnectionRow } from "./connections.ts";
import { CrmRooms } from "./crm/crm-rooms.ts";
import { EventHealth } from "./event-health.ts";
import type { EventSource } from "./event-source.ts";
import type { Authentication } from "./gate.ts";
import { chooseSubprotocol, originAllowed, refuseUpgrade, requestUrl } from "./handshake.ts";
import { JobWatches } from "./jobs/job-watches.ts";
import type { ReadProgress } from "./jobs/progress-reader.ts";
import { chooseDialect, type DialectDeps } from "./open-dialects.ts";
import { defaultRealtimeOptions, type RealtimeOptions } from "./options.ts";
import { createRealtimeMetrics, type RealtimeMetrics } from "./realtime-metrics.ts";
import { DeviceStates, type ReadDevices } from "./states/device-states.ts";
import { TenantJobs, type ReadActiveJobs } from "./states/tenant-jobs.ts";
import { StatsStates, type ReadStats } from "./states/tenant-stats.ts";
import { StreamFeeds } from "./streams/stream-feeds.ts";

export interface RealtimeDeps extends Authentication {
  readonly readProgress: ReadProgress;
  readonly readActiveJobs: ReadActiveJobs;
  readonly readDevices: ReadDevices;
  readonly readStats: ReadStats;
  readonly bus: EventSource;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "counter" | "gauge">;
  readonly options?: Partial<RealtimeOptions>;
}

export interface Realtime {
  readonly channels: ChannelReader;
  /** The connections of a tenant with this process. */
  connectionsOf(tenantId: number): ConnectionRow[];
  /** Serves `/ws` and `/ws/job/{id}` on a server; see `chooseDialect`. Other upgrades get 404. */
  attach(server: Server): void;
  /**
   * Says `bye` to every client and closes; a second call does no more. Call it before `server.close()`, which waits for
   * open sockets.
   */
  close(): Promise<void>;
}

/** The WebSockets of this process. Holds nothing that another instance would need. */
export function openRealtime(deps: RealtimeDeps): Realtime {
  const options = { ...defaultRealtimeOptions, ...deps.options };
  const metrics = createRealtimeMetrics(deps.metrics);
  const sources = openSources(deps, options, metrics);
  const connections = new Connections({ auth: deps, log: deps.log, options, metrics });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxFrameBytes,
    perMessageDeflate: compression(options.compressAboveBytes),
    clientTracking: false,
    handleProtocols: chooseSubprotocol,
  });
  const upgrade = (request: IncomingMessage, raw: Duplex, head: Buffer): void => {
    raw.on("error", () => raw.destroy());
    const url = requestUrl(request);
    const dialect = url && chooseDialect(request, url, sources.dialects);
    if (!url || !dialect) return refuseUpgrade(raw, 404, "There is no WebSocket here; try /ws");
    if (!originAllowed(request, options.allowedOrigins))
      return refuseUpgrade(raw, 403, "This origin is not on the allow-list");
    if (!connections.admits) return refuseUpgrade(raw, 503, "Too many connections, try again later");
    sockets.handleUpgrade(request, raw, head, (socket) => {
      void connections.serve({ socket, raw, request, url, dialect });
    });
  };
  let detach = (): void => undefined;
  let closed = false;
  return {
    channels: new ChannelReader(deps),
    connectionsOf: (tenantId) => connections.rowsOf(tenantId),
    attach(server) {
      server.on("upgrade", upgrade);
      detach = () => void server.off("upgrade", upgrade);
    },
    async close() {
      if (closed) return;
      closed = true;
      detach();
      await connections.close("The server restarts, connect again");
      await sources.close();
    },
  };
}

/** No context is kept from one message to the next: a message is compressed once for all, and connections need no memory. */
function compression(aboveBytes: number): false | PerMessageDeflateOptions {
  if (aboveBytes === 0) return false;
  return { serverNoContextTakeover: true, clientNoContextTakeover: true };
}

/** Where what is told comes from. */
function openSources(
  deps: RealtimeDeps,
  options: RealtimeOptions,
  metrics: RealtimeMetrics,
): { readonly dialects: DialectDeps; close(): Promise<void> } {
  const { bus, log, readProgress, readActiveJobs, readDevices, readStats } = deps;
  const { pollMs, lateMs, lostAfterMs, maxSubscriptions, heartbeatMs } = options;
  const watches = new JobWatches({
    bus,
    readProgress,
    log,
    pollMs,
    lateMs,
    lostAfterMs,
    onCaughtUp: () => metrics.caughtUp.inc(),
    onCount: (watched) => metrics.watchedJobs.set(watched),
  });
  const feeds = new StreamFeeds(bus);
  const tenantJobs = new TenantJobs({ bus, watches, readActiveJobs, log, pollMs });
  const devices = new DeviceStates({ bus, readDevices, log, pollMs });
  const stats = new StatsStates(bus, readStats);
  const desk = new ChannelDesk({ watches, tenantJobs, devices, stats, feeds, log });
  const health = new EventHealth(bus, () => feeds.check());
  return {
    dialects: {
      bulkJobs: { watches, bus, encoder: new JobNewsEncoder(), maxSubscriptions },
      channels: { desk, maxSubscriptions, heartbeatMs, health },
      rooms: new CrmRooms({ feeds, devices, tenantJobs }),
    },
    async close() {
      feeds.close();
      await devices.close();
      await tenantJobs.close();
      await watches.close();
    },
  };
}
