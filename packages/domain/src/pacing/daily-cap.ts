export interface DailyLimits {
  readonly dailyCap?: number;
  /** Cap of the first day, and by what it is multiplied each day after. */
  readonly warmUp?: { readonly firstDay: number; readonly factor: number };
}

/**
 * The most messages of a device on a day.
 *
 * @param daysLinked whole days since the number was linked, 0 on the first
 * @returns null when there is no limit
 */
export function capOfDay(limits: DailyLimits, daysLinked: number): number | null {
  const { dailyCap, warmUp } = limits;
  if (!warmUp) return dailyCap ?? null;
  const grown = Math.floor(warmUp.firstDay * warmUp.factor ** Math.max(0, daysLinked));
  return Math.min(grown, dailyCap ?? Number.MAX_SAFE_INTEGER, 2_000_000_000);
}
