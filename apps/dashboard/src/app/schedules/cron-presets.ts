/** What most people mean, as a cron expression. */
export const presets = {
  hourly: "0 * * * *",
  daily: "0 9 * * *",
  weekdays: "0 9 * * 1-5",
  weekly: "0 9 * * 1",
  monthly: "0 9 1 * *",
} as const;

export type Preset = keyof typeof presets | "own";
const named = Object.keys(presets) as (keyof typeof presets)[];
export const presetNames: readonly Preset[] = [...named, "own"];

export function presetOf(expression: string): Preset {
  return named.find((name) => presets[name] === expression.trim()) ?? "own";
}
