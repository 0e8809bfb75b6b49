import type { Priority } from "@pregonero/contracts";

const words = { low: 2, normal: 5, high: 8 } as const;

/** The share of a device that a job gets, 0–10. */
export function priorityOf(given: Priority): number {
  return typeof given === "number" ? given : words[given];
}
