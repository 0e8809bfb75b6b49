export { capOfDay, type DailyLimits } from "./daily-cap.ts";
export { dayIn, quietForMs, type QuietHours } from "./quiet-hours.ts";
export { Rate, type RateLimits } from "./rate.ts";
