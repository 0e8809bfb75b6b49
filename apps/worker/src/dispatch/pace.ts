import { pacingSchema, type Pacing } from "@pregonero/contracts";
import type { DeviceKind } from "@pregonero/db";
import { capOfDay, dayIn, quietForMs, Rate } from "@pregonero/domain";
import { monotonicMs } from "@pregonero/runtime";
import { timeZoneOf } from "./time-zones.ts";

/** When and how much a device may claim. */
export interface Pace {
  /** Whether there is any limit of rate now: without one, claims are made ahead. */
  readonly limited: boolean;
  /** How many messages may be claimed now; Infinity without a limit. */
  available(): number;
  /** How long until at least one campaign message may be claimed, ms. */
  waitMs(): number;
  /** So many were claimed. */
  take(count: number): void;
  /** The provider says "too fast". */
  slowDown(pauseMs: number): void;
  /** How long this recipient's own quiet hours still last, ms; 0 when they do not count or it is not quiet there. */
  recipientQuietMs(phone: string): number;
  /** Today on the device's calendar, and the most that it claims today (null: any number). */
  today(): { readonly day: string; readonly cap: number | null };
}

const dayMs = 86_400_000;

export interface PaceOptions {
  /** `devices.pacing`; `{}` when nobody has set it. */
  readonly stored: unknown;
  /** What holds while nothing is stored, see `defaultPacing`. */
  readonly fallback: Pacing;
  readonly linkedAt: Date | null;
  readonly monotonic?: () => number;
  readonly wallClock?: () => Date;
  readonly random?: () => number;
}

/** A number that writes faster than a person could is soon banned by WhatsApp. */
const carefulPacing: Pacing = { gap_ms: { min: 4_000, max: 12_000 }, messages_per_minute: 10 };
/** What WhatsApp grants every number of the Cloud API. */
const cloudPacing: Pacing = { messages_per_second: 80, burst: 80 };

/** The pace of a device for which none is set: careful on WhatsApp's own servers, none on a stand-in. */
export function defaultPacing(kind: DeviceKind, url: string): Pacing {
  const { hostname } = new URL(url);
  if (kind === "whatsapp_web" && hostname.endsWith("whatsapp.com")) return carefulPacing;
  if (kind === "whatsapp_cloud" && hostname.endsWith("facebook.com")) return cloudPacing;
  return {};
}

/**
 * Pacing of one device, before the claim, so that a message that waits for its turn is still `queued` and can be paused,
 * cancelled or taken by another device.
 */
export class DevicePace implements Pace {
  readonly #pacing: Pacing;
  readonly #rate: Rate;
  readonly #linkedAt: Date | null;
  readonly #wallClock: () => Date;

  constructor(options: PaceOptions) {
    const stored = pacingSchema.parse(options.stored);
    this.#pacing = Object.keys(stored).length === 0 ? options.fallback : stored;
    this.#linkedAt = options.linkedAt;
    this.#wallClock = options.wallClock ?? (() => new Date());
    this.#rate = rateOf(this.#pacing, options.monotonic ?? monotonicMs, options.random ?? Math.random);
  }

  get limited(): boolean {
    return this.#rate.limited;
  }

  available(): number {
    return this.#rate.available();
  }

  waitMs(): number {
    const quiet = this.#pacing.quiet_hours;
    const quietMs = quiet?.of === "device" ? quietForMs(quiet, this.#zone, this.#wallClock()) : 0;
    return Math.max(this.#rate.waitMs(), quietMs);
  }

  take(count: number): void {
    this.#rate.take(count);
  }

  slowDown(pauseMs: number): void {
    this.#rate.slowDown(pauseMs);
  }

  recipientQuietMs(phone: string): number {
    const quiet = this.#pacing.quiet_hours;
    if (quiet?.of !== "recipient") return 0;
    return quietForMs(quiet, timeZoneOf(phone) ?? this.#zone, this.#wallClock());
  }

  today(): { day: string; cap: number | null } {
    const now = this.#wallClock();
    const { daily_cap, warm_up } = this.#pacing;
    const cap = capOfDay(
      {
        ...(daily_cap === undefined ? {} : { dailyCap: daily_cap }),
        ...(warm_up === undefined ? {} : { warmUp: { firstDay: warm_up.first_day, factor: warm_up.factor } }),
      },
      this.#linkedAt === null ? 0 : Math.floor((now.getTime() - this.#linkedAt.getTime()) / dayMs),
    );
    return { day: dayIn(this.#zone, now), cap };
  }

  get #zone(): string {
    return this.#pacing.time_zone ?? "UTC";
  }
}

function rateOf(pacing: Pacing, now: () => number, random: () => number): Rate {
  const perSecond = Math.min(
    pacing.messages_per_second ?? Infinity,
    pacing.messages_per_minute === undefined ? Infinity : pacing.messages_per_minute / 60,
  );
  return new Rate(
    {
      ...(perSecond === Infinity ? {} : { perSecond }),
      ...(pacing.burst === undefined ? {} : { burst: pacing.burst }),
      ...(pacing.gap_ms === undefined ? {} : { gapMs: pacing.gap_ms }),
    },
    now,
    random,
  );
}
