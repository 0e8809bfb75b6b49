import { z } from "zod";
import { roleSchema } from "./api/api-keys.ts";
import { deviceIdSchema, maskablePhoneSchema } from "./api/fields.ts";
import { sendProgressSchema } from "./api/jobs.ts";
import { tenantStatsSchema } from "./api/stats.ts";
import { crmEventSchema, whatsappStateSchema } from "./crm-events.ts";
import { jobStatusSchema, messageStateSchema } from "./states.ts";

/**
 * WebSocket frames of the native protocol: `/ws` with the subprotocol `pregonero.v1`. A client subscribes to channels.
 * *State* channels tell how things are: newest wins. *Stream* channels tell each event once, numbered, so that a client
 * that comes back goes on where it stopped. Fields and types may be added, never renamed or taken away.
 */
export const channelsSubprotocol = "pregonero.v1";

/**
 * Where a client is in a stream: `<epoch>-<number of the last event>`. Positions of two epochs cannot be compared: a new
 * epoch begins when the history was lost.
 */
export const positionSchema = z
  .string()
  .regex(/^\d{1,15}-\d{1,15}$/)
  .meta({ id: "Position", description: "Opaque: keep the newest, and give it back to go on from there." });

const uuid = "[\\da-f]{8}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{4}-[\\da-f]{12}";

export const stateChannelSchema = z
  .string()
  .regex(new RegExp(`^(?:job:${uuid}|jobs|device:[1-9]\\d{0,9}|devices|stats)$`))
  .describe("`job:<id>`, `jobs`, `device:<id>`, `devices` or `stats`");
export const streamChannelSchema = z
  .string()
  .regex(new RegExp(`^(?:job:${uuid}:messages|crm)$`))
  .describe("`job:<id>:messages` or `crm`");
export const channelNameSchema = z.union([stateChannelSchema, streamChannelSchema]);

const givenChannelSchema = z.string().min(1).max(100);

/** What a client may send. */
export const channelsClientFrameSchema = z.discriminatedUnion("type", [
  /** Must be the first frame, within 10 s, of a connection that brought no credentials. Harmless later. */
  z.object({ type: z.literal("auth"), token: z.string().min(1).max(8_192) }).meta({ id: "Auth" }),
  z
    .object({
      type: z.literal("subscribe"),
      channel: givenChannelSchema,
      after: positionSchema.optional().describe("Of stream channels: go on from here."),
    })
    .meta({ id: "Subscribe", description: "Harmless when the channel is subscribed to already." }),
  z.object({ type: z.literal("unsubscribe"), channel: givenChannelSchema }).meta({ id: "Unsubscribe" }),
  z
    .object({ type: z.literal("ping"), timestamp: z.unknown().optional() })
    .meta({ id: "Ping", description: "Answered by `pong` with the same timestamp, whatever JSON it is." }),
]);
export type ChannelsClientFrame = z.infer<typeof channelsClientFrameSchema>;

export const jobStateSchema = z
  .object({
    job_id: z.uuid(),
    status: jobStatusSchema,
    status_reason: z.string().nullable(),
    progress: sendProgressSchema,
    devices_used: z.int(),
  })
  .meta({ id: "JobState" });
export type JobState = z.infer<typeof jobStateSchema>;

export const deviceStateSchema = whatsappStateSchema.meta({
  id: "DeviceState",
  description: "The phone is masked, and the QR left out, for viewers.",
});
export type DeviceState = z.infer<typeof deviceStateSchema>;

/** Data of `state` frames. Those of `jobs` and `devices` hold all that there are at first, later what has changed. */
export const stateDataSchema = z.union([
  jobStateSchema,
  z.object({ jobs: z.array(jobStateSchema) }).meta({ id: "JobStates" }),
  deviceStateSchema,
  z.object({ devices: z.array(deviceStateSchema) }).meta({ id: "DeviceStates" }),
  tenantStatsSchema,
]);
export type StateData = z.infer<typeof stateDataSchema>;

export const messageMovedEventSchema = z
  .object({
    type: z.literal("message"),
    data: z.object({
      message_id: z.uuid(),
      device_id: deviceIdSchema.nullable(),
      phone: maskablePhoneSchema,
      from: messageStateSchema,
      state: messageStateSchema,
      error_code: z.string().nullable(),
    }),
  })
  .meta({ id: "MessageMoved", description: "A message of the job went from one state to another." });
export type MessageMovedEvent = z.infer<typeof messageMovedEventSchema>;

export const streamEventSchema = z.union([messageMovedEventSchema, crmEventSchema]);
export type StreamEvent = z.infer<typeof streamEventSchema>;

/** Where the snapshot that belongs to a stream is read over REST: read it after the position is known. */
const snapshotSchema = z
  .string()
  .describe("Path of the REST API that has the present state of what the stream is about.");

const subscribedSchema = z
  .object({
    type: z.literal("subscribed"),
    channel: channelNameSchema,
    /** Of stream channels. Null while Redis is away: another `subscribed` follows when it is back. */
    position: positionSchema.nullable().optional(),
    /** Whether everything after the position that was given follows. */
    resumed: z.boolean().optional(),
    snapshot: snapshotSchema.optional(),
  })
  .meta({ id: "Subscribed" });

export const snapshotReasonSchema = z.enum(["history_gone", "unknown_position", "events_lost"]);

export const channelsErrorCodeSchema = z.enum([
  "invalid_frame",
  "unknown_channel",
  "too_many_subscriptions",
  "unauthenticated",
]);
export type ChannelsErrorCode = z.infer<typeof channelsErrorCodeSchema>;

/** What the server sends. */
export const channelsServerFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auth_required"), message: z.string() }).meta({
    id: "AuthRequired",
    description: "The connection brought no credentials: an `auth` frame is awaited.",
  }),
  z
    .object({
      type: z.literal("connected"),
      message: z.string(),
      connection_id: z.string(),
      role: roleSchema,
      /** Pings of the server; silence for twice as long means that it is gone. */
      heartbeat_ms: z.int(),
      degraded: z.boolean(),
    })
    .meta({ id: "Connected" }),
  subscribedSchema,
  z.object({ type: z.literal("unsubscribed"), channel: z.string() }).meta({ id: "Unsubscribed" }),
  z
    .object({ type: z.literal("state"), channel: stateChannelSchema, data: stateDataSchema })
    .meta({ id: "State", description: "How things are now: newest wins, at most four a second and thing." }),
  z
    .object({
      type: z.literal("events"),
      channel: streamChannelSchema,
      /** Number of the first event; the others follow it one by one. */
      first: z.int(),
      /** After the last one. */
      position: positionSchema,
      events: z.array(streamEventSchema).min(1),
    })
    .meta({ id: "Events", description: "What happened within a few milliseconds, in order." }),
  z
    .object({
      type: z.literal("snapshot_required"),
      channel: streamChannelSchema,
      position: positionSchema,
      reason: snapshotReasonSchema,
      snapshot: snapshotSchema,
    })
    .meta({
      id: "SnapshotRequired",
      description: "Events are missing: read the snapshot. What follows begins after `position`.",
    }),
  z.object({ type: z.literal("degraded"), degraded: z.boolean(), message: z.string() }).meta({
    id: "Degraded",
    description: "Events do not flow for now, or do again: states come from the database, streams catch up.",
  }),
  z.object({ type: z.literal("pong"), timestamp: z.unknown().optional() }).meta({ id: "Pong" }),
  z
    .object({
      type: z.literal("error"),
      error: z.string(),
      code: channelsErrorCodeSchema,
      channel: z.string().optional(),
    })
    .meta({
      id: "RealtimeError",
      description: "A frame could not be met. The connection stays open, unless `unauthenticated`.",
    }),
  z
    .object({ type: z.literal("bye"), message: z.string(), reconnect_ms: z.int().optional() })
    .meta({ id: "Bye", description: "The server goes away: connect again, after about so long." }),
]);
export type ChannelsServerFrame = z.infer<typeof channelsServerFrameSchema>;

export type StateFrame = Extract<ChannelsServerFrame, { type: "state" }>;
export type EventsFrame = Extract<ChannelsServerFrame, { type: "events" }>;
export type SubscribedFrame = Extract<ChannelsServerFrame, { type: "subscribed" }>;
export type SnapshotRequiredFrame = Extract<ChannelsServerFrame, { type: "snapshot_required" }>;
