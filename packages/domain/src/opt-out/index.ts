export { asksToStop } from "./opt-out.ts";
