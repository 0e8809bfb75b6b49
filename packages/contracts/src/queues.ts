import { z } from "zod";

/** All BullMQ queues and what their jobs carry. A payload has ids only: the row carries the state. */

/** "This device has work." One queue a device, consumed by the worker that holds its lease. */
export const turnQueueName = (deviceId: number): string => `turns-${deviceId}`;
export const turnJobSchema = z.object({ deviceId: z.int() });
export type TurnJob = z.infer<typeof turnJobSchema>;
