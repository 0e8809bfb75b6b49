const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Pauses before the second try, the third and so on: twelve tries within a day. */
const pausesMs: readonly number[] = [
  5 * second,
  30 * second,
  2 * minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  4 * hour,
  6 * hour,
  10 * hour,
];

/** Try number one included. */
export const mostDeliveryTries = pausesMs.length + 1;

/** Longest pause that a receiver may ask for with Retry-After. */
const longestRestMs = hour;

/** What a try met with: an answer, or none. */
export type DeliveryAnswer =
  | { readonly status: number; readonly retryAfterMs: number | null }
  | { readonly status: null; readonly retryAfterMs: null };

export type DeliveryVerdict =
  | { readonly outcome: "delivered" }
  /** `restMs`: the endpoint wants to be left alone, with everything. */
  | { readonly outcome: "retry"; readonly delayMs: number; readonly restMs: number | null }
  | { readonly outcome: "failed" }
  /** The endpoint does not exist any more, and says so. */
  | { readonly outcome: "gone" };

/**
 * What becomes of a delivery after a try.
 *
 * @param attempt number of the try, from 1
 * @param random in [0, 1): pauses vary by a tenth up and down, so that what failed together does not come back together
 */
export function judgeDelivery(
  answer: DeliveryAnswer,
  attempt: number,
  random: () => number,
): DeliveryVerdict {
  if (answer.status !== null && answer.status >= 200 && answer.status < 300) return { outcome: "delivered" };
  if (answer.status === 410) return { outcome: "gone" };
  const pauseMs = pausesMs[attempt - 1];
  if (pauseMs === undefined) return { outcome: "failed" };
  const restMs = answer.retryAfterMs === null ? null : Math.min(answer.retryAfterMs, longestRestMs);
  const variedMs = Math.round(pauseMs * (0.9 + 0.2 * random()));
  return { outcome: "retry", delayMs: Math.max(variedMs, restMs ?? 0), restMs };
}
