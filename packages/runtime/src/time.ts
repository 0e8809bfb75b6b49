/** Resolves `true` after `ms`, or `false` as soon as the signal is aborted. Never rejects; keeps no listener behind. */
export function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const aborted = (): void => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", aborted);
      resolve(true);
    }, ms);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Full jitter: anything from 0 to `baseMs · 2^(attempt−1)`, at most `maxMs`. The first attempt is number 1. */
export function backoffMs(attempt: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
  // 2^52 is beyond any cap and still exact.
  const doublings = Math.min(Math.max(attempt - 1, 0), 52);
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** doublings));
}

/** Milliseconds of a clock that never goes back (`performance.now()`); its zero means nothing outside this process. */
export function monotonicMs(): number {
  return performance.now();
}
