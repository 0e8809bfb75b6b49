import { describe, expect, test } from "vitest";
import { retryAfterOf, safeDetail } from "../../src/channels/http/answers.ts";

describe("what a provider said, before it is stored", () => {
  test.for([
    "Recipient +34 600 123 678 is not allowed",
    "Recipient 34600123678 is not allowed",
    "Recipient (34) 600-123-678 is not allowed",
    "Recipient 34600123678@c.us is not allowed",
  ])("loses the number of %s", (said) => {
    const detail = safeDetail(said, []);
    expect(detail.replaceAll(/\D/g, "")).not.toContain("600123678");
    expect(detail).toContain("is not allowed");
  });

  test("loses the device's secrets, and keeps words that merely contain a short one", () => {
    expect(safeDetail("token EAAG-long-token is bad", ["EAAG-long-token", "s"])).toBe("token *** is bad");
  });

  test("keeps codes and counts, and is of a bounded length", () => {
    expect(safeDetail("(#131009) at most 1024 characters", [])).toBe("(#131009) at most 1024 characters");
    expect(safeDetail("x".repeat(10_000), [])).toHaveLength(300);
  });
});

test("Retry-After is read as seconds or as a date, and nonsense is no time to wait", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  const of = (value: string) => retryAfterOf({ "retry-after": value }, nowMs);
  expect(of("30")).toBe(30_000);
  expect(of("Thu, 01 Jan 2026 00:01:00 GMT")).toBe(60_000);
  expect(of("99999999")).toBe(86_400_000);
  for (const nonsense of ["0", "-5", "soon", "", "Thu, 01 Jan 2015 00:01:00 GMT"]) {
    expect(of(nonsense)).toBeUndefined();
  }
  expect(retryAfterOf({}, nowMs)).toBeUndefined();
});
