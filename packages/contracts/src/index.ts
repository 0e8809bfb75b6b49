export * from "./bus.ts";
export * from "./queues.ts";
