import { maskPhone } from "@pregonero/runtime";

const longest = 300;
/** Seven digits or more, as people and providers write them: a phone number as far as anybody can tell. */
const digitRun = /\+?\d(?:[\s().-]{0,2}\d){6,}/g;

/** What a provider said, fit for logs and for the table. */
export function saidSafely(said: string): string {
  return said.replaceAll(digitRun, maskPhone).replaceAll(/\s+/g, " ").trim().slice(0, longest);
}
