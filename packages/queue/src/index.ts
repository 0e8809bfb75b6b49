export { EventBus, type EventBusOptions } from "./event-bus.ts";
export { connectRedis, type Redis } from "./redis.ts";
export { TurnQueues, type QueueCounts, type TurnConsumer, type TurnQueuesOptions } from "./turn-queues.ts";
