/** A provider's clock may be wrong, but not by more than this. */
const mostAheadMs = 60_000;

/** An instant as providers write it (seconds since 1970, or ISO 8601); now when it is neither, or yet to come. */
export function timeOf(given: unknown, nowMs = Date.now()): Date {
  const ms =
    typeof given === "number" || (typeof given === "string" && /^\d+$/.test(given))
      ? Number(given) * 1_000
      : typeof given === "string"
        ? Date.parse(given)
        : Number.NaN;
  return new Date(ms > 0 && ms <= nowMs + mostAheadMs ? ms : nowMs);
}
