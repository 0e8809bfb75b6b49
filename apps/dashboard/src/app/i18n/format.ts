import { inject, Injectable } from "@angular/core";
import { I18n } from "./i18n.ts";

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

const none = "–";

/** Numbers and times as the language writes them. Called in templates, they follow its changes. */
@Injectable({ providedIn: "root" })
export class Format {
  readonly #i18n = inject(I18n);
  /** Making one takes far longer than using it. */
  readonly #made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

  number(value: number, options: Intl.NumberFormatOptions = {}): string {
    return this.#numberFormat(options).format(value);
  }

  /** @param share 0 to 1 */
  percent(share: number): string {
    return this.number(share, { style: "percent", maximumFractionDigits: share > 0 && share < 0.1 ? 1 : 0 });
  }

  compact(value: number): string {
    return this.number(value, {
      notation: value < 10_000 ? "standard" : "compact",
      maximumFractionDigits: 1,
    });
  }

  date(iso: string | null | undefined): string {
    return this.#time(iso, { day: "numeric", month: "short", year: "numeric" });
  }

  dateTime(iso: string | null | undefined): string {
    return this.#time(iso, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  }

  exact(iso: string | null | undefined): string {
    return this.#time(iso, { dateStyle: "medium", timeStyle: "medium" });
  }

  clock(iso: string | null | undefined): string {
    return this.#time(iso, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }

  /** `hace 3 minutos` */
  ago(iso: string | null | undefined, nowMs = Date.now()): string {
    if (!iso) return none;
    const seconds = (Date.parse(iso) - nowMs) / 1_000;
    const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
    const key = `ago ${this.#i18n.language()}`;
    const made = this.#made.get(key);
    const format =
      made instanceof Intl.RelativeTimeFormat
        ? made
        : new Intl.RelativeTimeFormat(this.#i18n.language(), { numeric: "auto", style: "short" });
    this.#made.set(key, format);
    return format.format(Math.trunc(seconds / size), unit);
  }

  /** `1 h 05 min`, `42 s` */
  duration(seconds: number | null): string {
    if (seconds === null || !Number.isFinite(seconds)) return none;
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3_600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
    if (whole < 86_400)
      return `${Math.floor(whole / 3_600)} h ${String(Math.floor((whole % 3_600) / 60)).padStart(2, "0")} min`;
    return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
  }

  bytes(count: number): string {
    const megabytes = count / 1_048_576;
    return megabytes >= 1
      ? `${this.number(megabytes, { maximumFractionDigits: 1 })} MB`
      : `${this.number(count / 1_024, { maximumFractionDigits: 0 })} kB`;
  }

  phone(digits: string | null | undefined): string {
    return digits ? `+${digits}` : none;
  }

  #numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = `number ${this.#i18n.language()} ${JSON.stringify(options)}`;
    const made = this.#made.get(key);
    if (made instanceof Intl.NumberFormat) return made;
    const format = new Intl.NumberFormat(this.#i18n.language(), { useGrouping: "always", ...options });
    this.#made.set(key, format);
    return format;
  }

  #time(iso: string | null | undefined, options: Intl.DateTimeFormatOptions): string {
    if (!iso) return none;
    const key = `time ${this.#i18n.language()} ${JSON.stringify(options)}`;
    const made = this.#made.get(key);
    const format =
      made instanceof Intl.DateTimeFormat
        ? made
        : new Intl.DateTimeFormat(this.#i18n.language() === "es" ? "es" : "en-GB", options);
    this.#made.set(key, format);
    return format.format(new Date(iso));
  }
}
