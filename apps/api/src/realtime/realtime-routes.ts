import {
  channelParamsSchema,
  channelQuerySchema,
  channelReadingSchema,
  realtimeConnectionsSchema,
  type RealtimeConnectionRow,
} from "@pregonero/contracts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { StreamsAway, type ChannelReader } from "./channels/channel-reader.ts";
import type { ConnectionRow } from "./connections.ts";

export interface RealtimeRoutesDeps {
  readonly channels: ChannelReader;
  readonly instanceId: string;
  /** The connections of a tenant with this process. */
  readonly connectionsOf: (tenantId: number) => readonly ConnectionRow[];
}

const tag = "Real time";

export function realtimeRoutes(deps: RealtimeRoutesDeps): Route[] {
  return [readRoute(deps), connectionsRoute(deps)];
}

function readRoute({ channels }: RealtimeRoutesDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/channels/{channel}",
    tag,
    summary: "Read a real-time channel once",
    description:
      "For clients that can have no WebSocket: ask every few seconds, and give `position` back as `after`.",
    role: "viewer",
    params: channelParamsSchema,
    query: channelQuerySchema,
    responses: { 200: channelReadingSchema },
    problems: ["unavailable"],
    handler: async ({ principal, params: { channel }, query: { after } }) => {
      const reading = await channels.read(channel, principal, after).catch(saidSafely);
      if (!reading) throw notFound(`channel called ${channel}`);
      return reply(200, reading);
    },
  });
}

function saidSafely(error: unknown): never {
  if (!(error instanceof StreamsAway)) throw error;
  throw new ApiProblem("unavailable", "Streams cannot be read at the moment. Try again in some seconds.");
}

function connectionsRoute({ connectionsOf, instanceId }: RealtimeRoutesDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/realtime/connections",
    tag,
    summary: "List the open WebSockets of the tenant with this instance",
    role: "admin",
    responses: { 200: realtimeConnectionsSchema },
    handler: ({ principal }) => {
      const items = connectionsOf(principal.tenantId).map(shown);
      return Promise.resolve(reply(200, { instance_id: instanceId, items }));
    },
  });
}

function shown({ connection, dialect, principal, subscriptions }: ConnectionRow): RealtimeConnectionRow {
  const { framesIn, framesOut, bytesOut, framesDropped } = connection.counts;
  return {
    id: connection.id,
    dialect,
    actor: principal.actor ?? "",
    role: principal.role,
    opened_at: connection.openedAt.toISOString(),
    subscriptions,
    frames_in: framesIn,
    frames_out: framesOut,
    bytes_out: bytesOut,
    frames_dropped: framesDropped,
    waiting_bytes: connection.waitingBytes,
  };
}
