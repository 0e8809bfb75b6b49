import {
  parsePhoneNumberWithError,
  ParseError,
  validatePhoneNumberLength,
  type CountryCode,
} from "libphonenumber-js/min";
import { isPlainNumber } from "./plain-numbers.ts";

/**
 * - `missing` nothing there
 * - `not_a_number` letters or signs that no number has
 * - `needs_country` a national number, and no country to read it in
 * - `too_short`, `too_long` for the country that it begins with
 * - `no_such_country` begins with no country's code
 */
export type PhoneProblem =
  | "missing"
  | "not_a_number"
  | "needs_country"
  | "too_short"
  | "too_long"
  | "no_such_country";

export type NormalizedPhone =
  | { readonly ok: true; /** E.164 digits without `+`. */ readonly phone: string }
  | { readonly ok: false; readonly reason: PhoneProblem };

const separators = /[\s\u00a0\u200b-\u200f\u202a-\u202e\u2060\ufeff().\-\u2010-\u2015/]/g;
const longestE164 = 15;

/**
 * A number as people write it: `+34 600 12-34-56`, `0034600123456`, `34600123456`, and national ones when `country`
 * (ISO 3166, two letters) says where. Judged by length for its country, not by the ranges that are in use today: those
 * change faster than any table, and WhatsApp knows better.
 */
export function normalizePhone(raw: string, country?: string): NormalizedPhone {
  const compact = raw.replaceAll(separators, "");
  if (compact === "") return { ok: false, reason: "missing" };
  const digits = /^(?:\+|00)?(\d+)$/.exec(compact)?.[1];
  if (digits === undefined) return { ok: false, reason: "not_a_number" };
  if (compact.startsWith("+") || compact.startsWith("00")) return international(digits);
  if (country === undefined)
    return digits.startsWith("0") ? { ok: false, reason: "needs_country" } : international(digits);
  const national = parse(digits, country);
  if (national.ok) return national;
  const abroad = international(digits);
  return abroad.ok ? abroad : national;
}

function international(digits: string): NormalizedPhone {
  if (digits.length > longestE164) return { ok: false, reason: "too_long" };
  const current = withoutMexicanOne(digits);
  return isPlainNumber(current) ? { ok: true, phone: current } : parse(`+${current}`, undefined);
}

/** Mexico's mobile numbers had a 1 after the country code until 2019; contact lists still do. */
function withoutMexicanOne(digits: string): string {
  return digits.length === 13 && digits.startsWith("521") ? `52${digits.slice(3)}` : digits;
}

function parse(text: string, country: string | undefined): NormalizedPhone {
  const reading = country === undefined ? undefined : (country as CountryCode);
  try {
    const parsed = parsePhoneNumberWithError(text, reading);
    if (parsed.isPossible()) return { ok: true, phone: parsed.number.slice(1) };
    return { ok: false, reason: problemOf(validatePhoneNumberLength(text, reading) ?? "") };
  } catch (error) {
    if (error instanceof ParseError) return { ok: false, reason: problemOf(error.message) };
    throw error;
  }
}

function problemOf(code: string): PhoneProblem {
  switch (code) {
    // A length between two that exist: what is there is not all of it.
    case "INVALID_LENGTH":
    case "TOO_SHORT":
      return "too_short";
    case "TOO_LONG":
      return "too_long";
    case "INVALID_COUNTRY":
      return "no_such_country";
    default:
      return "not_a_number";
  }
}
