import { nowUs } from "./payload.ts";

/** Calls `publish` so many times a second for so long; what a busy machine made late is made up for at once. */
export async function paced(perSecond: number, seconds: number, publish: () => void): Promise<number> {
  const beganUs = nowUs();
  const total = Math.round(perSecond * seconds);
  let made = 0;
  while (made < total) {
    const due = Math.min(total, Math.floor(((nowUs() - beganUs) / 1e6) * perSecond) + 1);
    for (; made < due; made += 1) publish();
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, 1_000 / perSecond / 2)));
  }
  return total;
}
