import { countryOfPhone } from "@pregonero/domain";
import { getCountry } from "countries-and-timezones";

/**
 * The zone by which a recipient's quiet hours are reckoned: the first one of the number's country. Of a country with
 * several zones a number does not tell which; the first is that of the capital or the largest city.
 *
 * @param phone E.164 digits without `+`
 */
export function timeZoneOf(phone: string): string | null {
  const country = countryOfPhone(phone);
  return country === null ? null : (getCountry(country)?.timezones[0] ?? null);
}
