const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

/**
 * How long to wait before attempt `n` (from 0) to connect again: 2^n seconds, at most 30, less up to half of it by
 * chance, so that a thousand clients do not come back at the same moment.
 */
export function reconnectDelayMs(n: number, random: () => number = Math.random): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(n, 30));
  return Math.round(full * (1 - random() / 2));
}
