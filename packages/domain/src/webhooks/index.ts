export * from "./judge-delivery.ts";
