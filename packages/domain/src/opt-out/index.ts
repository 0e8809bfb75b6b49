export { asksToStop, defaultOptOutWords } from "./opt-out.ts";
