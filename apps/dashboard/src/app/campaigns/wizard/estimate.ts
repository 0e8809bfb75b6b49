import type { Device, Pacing } from "@pregonero/client";

export interface EstimateInput {
  readonly messages: number;
  readonly devices: readonly Pick<Device, "pacing" | "today">[];
  /** Most devices that send at the same time; null: all. */
  readonly devicesLimit: number | null;
  readonly intervalMs: number;
}

export interface Estimate {
  /** Of all devices together; null when nothing limits them. */
  readonly perMinute: number | null;
  /** Null when nothing limits them. */
  readonly seconds: number | null;
  /** What may still go today under the devices' caps; null without one. */
  readonly leftToday: number | null;
  /** Days that the caps make of it, at least 1. */
  readonly days: number;
}

/** How long a campaign takes at the pace of its devices. Providers may be slower, never faster. */
export function estimate({ messages, devices, devicesLimit, intervalMs }: EstimateInput): Estimate {
  const rates = devices
    .map(({ pacing }) => perSecond(pacing, intervalMs))
    .sort((a, b) => b - a)
    .slice(0, devicesLimit ?? undefined);
  const rate = rates.reduce((sum, one) => sum + one, 0);
  const limited = rates.length > 0 && Number.isFinite(rate) && rate > 0;
  return {
    perMinute: limited ? rate * 60 : null,
    seconds: limited ? messages / rate : null,
    ...daysOf(messages, devices),
  };
}

function perSecond(pacing: Pacing, intervalMs: number): number {
  const { messages_per_second, messages_per_minute, gap_ms } = pacing;
  return Math.min(
    messages_per_second ?? Infinity,
    messages_per_minute === undefined ? Infinity : messages_per_minute / 60,
    gap_ms === undefined ? Infinity : 2_000 / (gap_ms.min + gap_ms.max),
    intervalMs === 0 ? Infinity : 1_000 / intervalMs,
  );
}

function daysOf(messages: number, devices: EstimateInput["devices"]): Pick<Estimate, "leftToday" | "days"> {
  if (devices.length === 0 || devices.some(({ today }) => today.cap === null))
    return { leftToday: null, days: 1 };
  const leftToday = devices.reduce(
    (sum, { today }) => sum + Math.max(0, (today.cap ?? 0) - today.claimed),
    0,
  );
  const perDay = devices.reduce((sum, { today }) => sum + (today.cap ?? 0), 0);
  const after = Math.max(0, messages - leftToday);
  return { leftToday, days: 1 + (perDay === 0 ? 0 : Math.ceil(after / perDay)) };
}
