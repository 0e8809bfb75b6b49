import { workerVersion } from "../env.ts";

/** What robots.txt may call us. */
export const robotName = "PregoneroBot";

/** Says what we are and, when the operator has set it, where to complain. */
export function userAgentOf(contact: string | undefined): string {
  const where = contact === undefined ? "" : `; +${contact}`;
  return `Mozilla/5.0 (compatible; ${robotName}/${workerVersion}${where})`;
}
