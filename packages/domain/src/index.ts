export * from "./audience/index.ts";
export * from "./bot/index.ts";
export * from "./messages/index.ts";
export * from "./opt-out/index.ts";
export * from "./phones/index.ts";
export * from "./providers/index.ts";
export * from "./templates/index.ts";
export * from "./pacing/index.ts";
