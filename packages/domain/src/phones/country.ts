import { parsePhoneNumberFromString } from "libphonenumber-js/min";

/** ISO 3166 code of the number's country (two letters), or null. @param phone E.164 digits without `+` */
export function countryOfPhone(phone: string): string | null {
  return parsePhoneNumberFromString(`+${phone}`)?.country ?? null;
}
