/** When people are there: ISO days of the week (Monday is 1) and times of day as `HH:MM`. */
export interface OpenHours {
  readonly days: readonly number[];
  readonly from: string;
  /** Before `from`: past midnight, on the day after. The same as `from`: the whole day. */
  readonly to: string;
}

/** Whether people are there; without any hours they always are. */
export function isOpen(hours: readonly OpenHours[], timeZone: string, now: Date): boolean {
  if (hours.length === 0) return true;
  const { day, time } = clockIn(timeZone, now);
  const dayBefore = day === 1 ? 7 : day - 1;
  return hours.some(({ days, from, to }) => {
    if (from < to) return days.includes(day) && time >= from && time < to;
    return (days.includes(day) && time >= from) || (days.includes(dayBefore) && time < to);
  });
}

const isoDays: Readonly<Record<string, number>> = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 };

function clockIn(timeZone: string, now: Date): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? "";
  return { day: isoDays[part("weekday")] ?? 1, time: `${part("hour")}:${part("minute")}` };
}
