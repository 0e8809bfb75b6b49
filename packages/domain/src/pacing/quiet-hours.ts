/** Hours in which no campaign message goes out; may span midnight. Times of day as `HH:MM`. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

/**
 * How long from `now` until the quiet hours are over, in ms; 0 when it is not quiet. On the two days a year on which
 * the zone's clock is moved the answer may be an hour off.
 */
export function quietForMs(quiet: QuietHours, timeZone: string, now: Date): number {
  const [from, to, time] = [timeOfDayMs(quiet.from), timeOfDayMs(quiet.to), clockOf(now, timeZone)];
  const since = (time - from + dayMs) % dayMs;
  const length = (to - from + dayMs) % dayMs;
  return since < length ? length - since : 0;
}

/** The calendar day in the zone, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(now);
}

function timeOfDayMs(text: string): number {
  const [hours = "0", minutes = "0"] = text.split(":");
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** Milliseconds since midnight on the zone's clock. */
function clockOf(now: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  return ((part("hour") * 60 + part("minute")) * 60 + part("second")) * 1_000 + now.getUTCMilliseconds();
}
