import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRule, isWellFormed, lidOf, phoneOfWid } from "../../src/network/numbers.ts";

const phones = fc.stringMatching(/^[1-9]\d{7,14}$/);

test("every number has a LID of its own that leads back to it", () => {
  fc.assert(
    fc.property(phones, (phone) => {
      expect(lidOf(phone)).not.toBe(phone);
      expect(phoneOfWid(`${lidOf(phone)}@lid`)).toBe(phone);
      expect(phoneOfWid(`${phone}@c.us`)).toBe(phone);
    }),
  );
});

test.each(["+34 600@undefined", "34600123456@g.us", "status@broadcast", "abc@c.us", "", "1234567@c.us"])(
  "%s is nobody's phone",
  (wid) => {
    expect(phoneOfWid(wid)).toBeNull();
  },
);

describe("a rule", () => {
  test.each([
    ["34600123456", "34600123456", true],
    ["34600123456", "346001234567", false],
    ["*0000", "34611110000", true],
    ["*0000", "34600001111", false],
    ["/^3460/", "34600123456", true],
    ["/^3460/", "34700123460", false],
  ])("%s on %s is %s", (rule, phone, expected) => {
    expect(compileRule(rule)(phone)).toBe(expected);
  });
});

test.each([
  ["12345678", true],
  ["123456789012345", true],
  ["1234567", false],
  ["1234567890123456", false],
  ["+34600123456", false],
])("%s is well formed: %s", (phone, expected) => {
  expect(isWellFormed(phone)).toBe(expected);
});
