export * from "./api/index.ts";
export * from "./bus.ts";
export * from "./content.ts";
export * from "./credentials.ts";
export * from "./pacing.ts";
export * from "./queues.ts";
export * from "./realtime.ts";
