import { z } from "zod";

/** All BullMQ queues and what their jobs carry. A payload has ids only: the row carries the state. */

/** "This device has work." One queue a device, consumed by the worker that holds its lease. */
export const turnQueueName = (deviceId: number): string => `turns-${deviceId}`;
export const turnJobSchema = z.object({ deviceId: z.int() });
export type TurnJob = z.infer<typeof turnJobSchema>;

/**
 * "There is scraping work." One queue for all workers: each turn takes the next steps of whichever jobs are due, so it
 * names none.
 */
export const scrapingQueueName = "scraping";
export const scrapingTurnSchema = z.object({});
export type ScrapingTurn = z.infer<typeof scrapingTurnSchema>;
