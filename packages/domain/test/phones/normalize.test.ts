import { maskPhone, normalizePhone } from "@pregonero/domain";
import fc from "fast-check";
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { describe, expect, test } from "vitest";
import { isPlainNumber } from "../../src/phones/plain-numbers.ts";

describe("phone numbers", () => {
  test.each([
    ["+34 600 12-34-56", undefined, "34600123456"],
    ["0034600123456", undefined, "34600123456"],
    ["34600123456", undefined, "34600123456"],
    ["(57) 300.123.4567", undefined, "573001234567"],
    ["\u202a+62 812-3456-7890\u202c", undefined, "6281234567890"],
    ["600123456", "ES", "34600123456"],
    ["081234567890", "ID", "6281234567890"],
    ["573001234567", "CO", "573001234567"],
    ["+4407911123456", undefined, "447911123456"],
    ["+5215512345678", undefined, "525512345678"],
  ])("%s (country %s) is %s", (raw, country, phone) => {
    expect(normalizePhone(raw, country)).toEqual({ ok: true, phone });
  });

  test.each([
    ["", undefined, "missing"],
    [" - ", undefined, "missing"],
    ["not a number", undefined, "not_a_number"],
    ["1e10", undefined, "not_a_number"],
    ["3460012345６", undefined, "not_a_number"],
    ["123", undefined, "too_short"],
    ["12345", "ES", "too_short"],
    ["3460012345678901", undefined, "too_long"],
    ["346001234567", undefined, "too_long"],
    ["0812345678", undefined, "needs_country"],
    ["+999123456789", undefined, "no_such_country"],
  ])("%j (country %s) is refused: %s", (raw, country, reason) => {
    expect(normalizePhone(raw, country)).toEqual({ ok: false, reason });
  });

  test("whatever is typed, what is accepted is 7 to 15 digits and accepted again as it is", () => {
    const typed = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from("+0123456789 -")) }));
    fc.assert(
      fc.property(typed, (raw) => {
        const first = normalizePhone(raw);
        if (!first.ok) return true;
        return /^\d{5,15}$/.test(first.phone) && normalizePhone(`+${first.phone}`).ok;
      }),
    );
  });

  test("the short cut for plain numbers takes only what the whole parser takes, unchanged", () => {
    const codes = [...new Set(getCountries().map((country) => String(getCountryCallingCode(country))))];
    const digit = fc.constantFrom(...Array.from("0123456789"));
    const numbers = fc.tuple(
      fc.constantFrom(...codes),
      fc.string({ unit: digit, minLength: 4, maxLength: 14 }),
    );
    let plain = 0;
    fc.assert(
      fc.property(numbers, ([code, national]) => {
        const digits = code + national;
        if (digits.length > 15 || !isPlainNumber(digits)) return true;
        plain++;
        const parsed = parsePhoneNumberFromString(`+${digits}`);
        return parsed?.number === `+${digits}` && parsed.isPossible();
      }),
      { numRuns: 20_000 },
    );
    expect(plain).toBeGreaterThan(1_000);
  });

  test("a masked number cannot be called", () => {
    expect(maskPhone("34600123678")).toBe("34*****678");
    expect(maskPhone("+34600123678")).toBe("+34*****678");
    expect(maskPhone("123")).toBe("*****");
    expect(maskPhone("call me")).toBe("*****");
  });
});
