import { z } from "zod";
import {
  channelNameSchema,
  positionSchema,
  snapshotReasonSchema,
  stateDataSchema,
  streamEventSchema,
} from "../channels.ts";
import { roleSchema } from "./api-keys.ts";
import { timeSchema } from "./fields.ts";

export const channelParamsSchema = z.object({
  channel: z.string().min(1).max(100).describe("As for the WebSocket: `job:<id>`, `devices`, `crm`, …"),
});

export const channelQuerySchema = z.object({
  after: positionSchema.optional().describe("Of stream channels: the position of the answer before."),
});

/** What a WebSocket would tell, for clients that can have none. */
export const channelReadingSchema = z
  .object({
    channel: channelNameSchema,
    state: stateDataSchema.nullable().describe("Of state channels: how things are now."),
    position: positionSchema.nullable().describe("Of stream channels: give it back as `after`."),
    first: z.int().nullable().describe("Number of the first event; those of the others follow."),
    events: z.array(streamEventSchema).describe("What came after `after`."),
    more: z.boolean().describe("There are more events already: ask again at once."),
    snapshot_required: snapshotReasonSchema
      .nullable()
      .describe("Events are missing: read the snapshot. What follows begins after `position`."),
    snapshot: z.string().nullable().describe("Of stream channels: path of what has the present state."),
  })
  .meta({ id: "ChannelReading" });
export type ChannelReading = z.infer<typeof channelReadingSchema>;

export const realtimeConnectionSchema = z
  .object({
    id: z.uuid(),
    dialect: z.enum(["channels", "jobs", "jobs+crm", "crm"]),
    actor: z.string().describe("Whose credentials opened it."),
    role: roleSchema,
    opened_at: timeSchema,
    subscriptions: z.int(),
    frames_in: z.int(),
    frames_out: z.int(),
    bytes_out: z.int(),
    frames_dropped: z.int().describe("What the client did not get because it reads too slowly."),
    waiting_bytes: z.int().describe("What it has not read yet."),
  })
  .meta({ id: "RealtimeConnection" });
export type RealtimeConnectionRow = z.infer<typeof realtimeConnectionSchema>;

export const realtimeConnectionsSchema = z
  .object({
    instance_id: z.string().describe("The instance that answers: each knows its own connections alone."),
    items: z.array(realtimeConnectionSchema),
  })
  .meta({ id: "RealtimeConnections" });
export type RealtimeConnections = z.infer<typeof realtimeConnectionsSchema>;
