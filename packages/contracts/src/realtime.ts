import { z } from "zod";

/**
 * WebSocket frames of the "bulk jobs" contract: flat JSON objects on `/ws` and `/ws/job/{id}`. Fields may be added to a
 * server frame, never renamed or taken away.
 */

/** What a client may send. */
export const bulkClientFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("subscribe_job"), job_id: z.string().min(1).max(100) }),
  z.object({ type: z.literal("unsubscribe_job"), job_id: z.string().min(1).max(100) }),
  /** Answered by `pong` with the same timestamp, whatever JSON it is. */
  z.object({ type: z.literal("ping"), timestamp: z.unknown() }),
  /** Must be the first frame, within 10 s, of a connection that brought no credentials. Harmless later. */
  z.object({ type: z.literal("auth"), token: z.string().min(1).max(8_192) }),
]);
export type BulkClientFrame = z.infer<typeof bulkClientFrameSchema>;

/** `percentage` has one decimal; finished messages that were neither sent nor failed (skipped, …) count in it. */
export const jobFiguresSchema = z.object({
  sent: z.int(),
  failed: z.int(),
  total: z.int(),
  percentage: z.number(),
});
export type JobFigures = z.infer<typeof jobFiguresSchema>;

export const jobResultsSchema = z.object({
  sent: z.int(),
  failed: z.int(),
  total: z.int(),
  devices_used: z.int(),
  parallel_workers: z.int(),
});
export type JobResults = z.infer<typeof jobResultsSchema>;

/** A job's status as this contract spells it. */
const statusSchema = z.enum([
  "scheduled",
  "pending",
  "processing",
  "completed",
  "failed",
  "paused",
  "cancelled",
]);

const aboutJob = { job_id: z.uuid(), message: z.string() };

/** Frames that tell about one job. */
export const jobFrameSchema = z.discriminatedUnion("type", [
  /** `job_started` is also the present state of a running job for whoever comes late. */
  z.object({
    type: z.enum(["job_created", "job_started", "job_paused", "job_resumed", "job_cancelled"]),
    ...aboutJob,
    status: statusSchema,
    progress: jobFiguresSchema,
  }),
  /**
   * One message was sent. With `catch_up` it stands for messages whose own frames were lost on the way: then
   * `device_id` is null and `phone` empty.
   */
  z.object({
    type: z.literal("progress"),
    job_id: z.uuid(),
    device_id: z.int().nullable(),
    /** E.164 digits without `+`, masked for viewers. */
    phone: z.string(),
    status: z.literal("sent"),
    progress: jobFiguresSchema,
    catch_up: z.literal(true).optional(),
  }),
  /** One message failed for good. */
  z.object({
    type: z.literal("error"),
    job_id: z.uuid(),
    device_id: z.int().nullable(),
    phone: z.string(),
    /** For people. */
    error: z.string(),
    error_code: z.string().nullable(),
    progress: jobFiguresSchema,
  }),
  z.object({
    type: z.literal("job_completed"),
    ...aboutJob,
    status: z.literal("completed"),
    results: jobResultsSchema,
    progress: jobFiguresSchema,
  }),
  z.object({
    type: z.literal("job_failed"),
    ...aboutJob,
    error: z.string(),
    status: z.literal("failed"),
    results: jobResultsSchema,
    progress: jobFiguresSchema,
  }),
]);
export type JobFrame = z.infer<typeof jobFrameSchema>;

export const realtimeErrorCodeSchema = z.enum([
  "unknown_job",
  "invalid_frame",
  "too_many_subscriptions",
  "unauthenticated",
]);
export type RealtimeErrorCode = z.infer<typeof realtimeErrorCodeSchema>;

/** Frames about the connection itself. */
export const connectionFrameSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("connected"), message: z.string() }),
  /** The connection brought no credentials: an `auth` frame is awaited. */
  z.object({ type: z.literal("auth_required"), message: z.string() }),
  z.object({ type: z.literal("pong"), timestamp: z.unknown() }),
  /** A request could not be met. Unlike a message's `error` it has a `code`. */
  z.object({
    type: z.literal("error"),
    error: z.string(),
    code: realtimeErrorCodeSchema,
    job_id: z.string().optional(),
  }),
  /** The server goes away; connect again. */
  z.object({ type: z.literal("bye"), message: z.string(), reconnect_ms: z.int().optional() }),
]);
export type ConnectionFrame = z.infer<typeof connectionFrameSchema>;

/** Why the server closed a connection. After 1001, 1006, 1011, 1012, 1013 and 4008 a client connects again. */
export const realtimeCloseCode = {
  /** RFC 6455: a frame larger than the limit. */
  tooBig: 1009,
  /** The server restarts. */
  serviceRestart: 1012,
  /** Too many connections, or the server cannot check credentials now. */
  tryAgainLater: 1013,
  /** No credentials in time, or not valid (any more). */
  unauthenticated: 4401,
  /** The client reads more slowly than it is told. */
  slowConsumer: 4008,
  /** The client sends too many frames. */
  tooManyFrames: 4029,
} as const;
