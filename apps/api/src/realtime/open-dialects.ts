import type { IncomingMessage } from "node:http";
import { channelsSubprotocol } from "@pregonero/contracts";
import { BulkJobsDialect, type BulkJobsDeps } from "./bulk-jobs/bulk-jobs-dialect.ts";
import { ChannelsDialect, type ChannelsDeps } from "./channels/channels-dialect.ts";
import type { CrmRooms } from "./crm/crm-rooms.ts";
import { withCrmEvents } from "./crm/with-crm-events.ts";
import type { OpenDialect } from "./dialect.ts";
import { offeredProtocols } from "./handshake.ts";

export interface DialectDeps {
  readonly bulkJobs: BulkJobsDeps;
  readonly channels: ChannelsDeps;
  readonly rooms: CrmRooms;
}

export type ChosenDialect = { readonly name: DialectName; readonly open: OpenDialect };
export type DialectName = "channels" | "jobs" | "jobs+crm" | "crm";

const jobPath = /^\/ws\/job\/([^/]+)$/;

/**
 * What a client wants to speak: the native protocol by its subprotocol; else frames of the two older contracts, both on
 * `/ws` unless `?events=` names one, "bulk jobs" alone on `/ws/job/{id}`.
 * @returns undefined when there is no WebSocket at this address
 */
export function chooseDialect(
  request: IncomingMessage,
  url: URL,
  deps: DialectDeps,
): ChosenDialect | undefined {
  const jobId = jobPath.exec(url.pathname)?.[1];
  const native = offeredProtocols(request).includes(channelsSubprotocol);
  if (url.pathname === "/ws" && native) {
    const { channels } = deps;
    return { name: "channels", open: (connection, who) => new ChannelsDialect(connection, who, channels) };
  }
  if (native || (url.pathname !== "/ws" && jobId === undefined)) return undefined;
  const events = (url.searchParams.get("events") ?? (jobId === undefined ? "jobs,crm" : "jobs")).split(",");
  const [jobs, crm] = [events.includes("jobs"), events.includes("crm")];
  const open: OpenDialect = (connection, principal) => {
    const announced = jobs && jobId === undefined;
    const dialect = new BulkJobsDialect(connection, principal, deps.bulkJobs, { jobId, announced });
    return crm ? withCrmEvents(dialect, deps.rooms, { connection, principal }) : dialect;
  };
  return { name: crm ? (jobs ? "jobs+crm" : "crm") : "jobs", open };
}
