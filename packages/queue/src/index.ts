export { EventBus, type BusListener, type EventBusOptions } from "./event-bus.ts";
export { connectRedis, type Redis } from "./redis.ts";
export { RequestLimiter, type Allowance, type RequestLimit } from "./request-limiter.ts";
export { ScrapingQueue, type ScrapingQueueOptions } from "./scraping-queue.ts";
export { TurnQueues, type QueueCounts, type TurnConsumer, type TurnQueuesOptions } from "./turn-queues.ts";
export { defaultHistory, type HistoryLimits, type NumberedEvent } from "./streams/event-history.ts";
export { formatPosition, parsePosition, type Position } from "./streams/position.ts";
