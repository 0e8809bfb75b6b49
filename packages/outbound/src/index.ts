export { outboundEnv } from "./env.ts";
export { createOutboundGuard, type OutboundGuard, type OutboundGuardOptions } from "./guard.ts";
export { OutboundRefused, type OutboundRefusal } from "./refusal.ts";
