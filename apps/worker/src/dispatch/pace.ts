import { pacingSchema, type Pacing } from "@pregonero/contracts";
import type { DeviceKind } from "@pregonero/db";
import { capOfDay, dayIn, quietForMs, Rate, type QuietHours } from "@pregonero/domain";
import { monotonicMs } from "@pregonero/runtime";
import type { TimeZones } from "./time-zones.ts";

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
  /** What the claim writes down, so that whoever holds the device next keeps the pace; null without a limit. */
  toKeep(): PaceToKeep | null;
  /** The provider says "too fast". */
  slowDown(pauseMs: number): void;
  /** How long this recipient's own quiet hours still last, ms; 0 when they do not count or it is not quiet there. */
  recipientQuietMs(phone: string): number;
  /** Today on the device's calendar, and the most that it claims today (null: any number). */
  today(): { readonly day: string; readonly cap: number | null };
}

/** After a claim of n messages the next may go after `gapMs`, and after (1 - (tokens - n)) * tokenMs. */
export interface PaceToKeep {
  readonly gapMs: number;
  readonly tokens: number;
  readonly tokenMs: number;
}

const dayMs = 86_400_000;
/** For so long the answer whether it is quiet in a zone is not asked again. */
const quietKnownMs = 1_000;

export interface PaceOptions {
  /** `devices.pacing`; `{}` when nobody has set it. */
  readonly stored: unknown;
  /** What holds while nothing is stored, see `defaultPacing`. */
  readonly fallback: Pacing;
  readonly linkedAt: Date | null;
  /** When the next message may go by the pace of the device's former holder, ms from now; null: it had none. */
  readonly dueInMs: number | null;
  readonly timeZones: Pick<TimeZones, "of">;
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
  readonly #timeZones: Pick<TimeZones, "of">;
  readonly #quiet = new Map<string, { readonly askedAtMs: number; readonly quietMs: number }>();

  constructor(options: PaceOptions) {
    const stored = pacingSchema.parse(options.stored);
    this.#pacing = Object.keys(stored).length === 0 ? options.fallback : stored;
    this.#linkedAt = options.linkedAt;
    this.#wallClock = options.wallClock ?? (() => new Date());
    this.#timeZones = options.timeZones;
    this.#rate = rateOf(this.#pacing, options.monotonic ?? monotonicMs, options.random ?? Math.random);
    if (options.dueInMs !== null) this.#rate.resume(options.dueInMs);
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

  toKeep(): PaceToKeep | null {
    return this.#rate.limited ? this.#rate.toKeep() : null;
  }

  slowDown(pauseMs: number): void {
    this.#rate.slowDown(pauseMs);
  }

  recipientQuietMs(phone: string): number {
    const quiet = this.#pacing.quiet_hours;
    if (quiet?.of !== "recipient") return 0;
    const zones = this.#timeZones.of(phone);
    // One that may be in several zones is written to when it is day in all of them.
    return Math.max(...(zones.length > 0 ? zones : [this.#zone]).map((zone) => this.#quietMs(quiet, zone)));
  }

  #quietMs(quiet: QuietHours, zone: string): number {
    const now = this.#wallClock();
    const known = this.#quiet.get(zone);
    const sinceMs = known ? now.getTime() - known.askedAtMs : Infinity;
    if (known && sinceMs >= 0 && sinceMs < quietKnownMs) return known.quietMs;
    const quietMs = quietForMs(quiet, zone, now);
    this.#quiet.set(zone, { askedAtMs: now.getTime(), quietMs });
    return quietMs;
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
