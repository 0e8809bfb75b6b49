import { describe, expect, test } from "vitest";
import { cloudApiVerdict, type SendFailureCode } from "../../src/index.ts";

/** Meta's published codes and what must be done about each, written out a second time on purpose. */
const expected: Record<number, SendFailureCode> = {
  0: "device_refused",
  2: "provider_temporary",
  3: "device_refused",
  4: "rate_limited",
  10: "device_refused",
  33: "rejected",
  100: "rejected",
  190: "device_refused",
  200: "device_refused",
  210: "device_refused",
  299: "device_refused",
  368: "device_refused",
  80007: "rate_limited",
  130429: "rate_limited",
  130472: "rejected",
  130497: "rejected",
  131000: "provider_temporary",
  131005: "device_refused",
  131008: "rejected",
  131009: "rejected",
  131016: "provider_temporary",
  131021: "invalid_recipient",
  131026: "rejected",
  131031: "device_refused",
  131037: "device_refused",
  131042: "device_refused",
  131045: "device_refused",
  131047: "needs_template",
  131048: "spam_limited",
  131049: "recipient_rate_limited",
  131050: "opted_out",
  131051: "rejected",
  131056: "recipient_rate_limited",
  131057: "provider_temporary",
  132000: "template_rejected",
  132001: "template_rejected",
  132005: "template_rejected",
  132007: "template_rejected",
  132012: "template_rejected",
  132015: "template_rejected",
  132016: "template_rejected",
  133010: "device_refused",
};

describe("error codes of the Cloud API", () => {
  test.for(Object.entries(expected))("%s leads to %s", ([code, verdict]) => {
    // The HTTP status must not matter: Meta sends the same code under several.
    for (const status of [200, 400, 401, 403, 429, 500, undefined]) {
      expect(cloudApiVerdict({ code: Number(code), status }).code).toBe(verdict);
    }
  });

  test("131049 is not tried again before 24 hours have passed", () => {
    expect(cloudApiVerdict({ code: 131049 }).retryAfterMs).toBe(86_400_000);
  });

  test("131056 leaves the waiting time to the number of tries", () => {
    expect(cloudApiVerdict({ code: 131056 }).retryAfterMs).toBeUndefined();
  });

  test("a device that is too fast gets a time to wait", () => {
    for (const code of [4, 80007, 130429]) {
      expect(cloudApiVerdict({ code }).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    }
  });

  test("100 with subcode 33 says that the number itself is not there, which no recipient can help", () => {
    expect(cloudApiVerdict({ code: 100, subcode: 33 }).code).toBe("device_refused");
    expect(cloudApiVerdict({ code: 100, subcode: 2494010 }).code).toBe("rejected");
  });

  test("an unknown code is judged by the HTTP status", () => {
    const codeOf = (status?: number) => cloudApiVerdict({ code: 999_999, status }).code;
    expect(codeOf(400)).toBe("rejected");
    expect(codeOf(403)).toBe("rejected");
    expect(codeOf(404)).toBe("rejected");
    expect(codeOf(401)).toBe("device_refused");
    expect(codeOf(429)).toBe("rate_limited");
    expect(codeOf(500)).toBe("provider_temporary");
    expect(codeOf(503)).toBe("provider_temporary");
    expect(codeOf(200)).toBe("rejected");
    expect(codeOf()).toBe("rejected");
  });

  test("codes next to a range are not part of it", () => {
    for (const code of [199, 300])
      expect(cloudApiVerdict({ code, status: 500 }).code).toBe("provider_temporary");
  });

  test("every verdict says in words what it means", () => {
    for (const code of [...Object.keys(expected), 999_999]) {
      expect(cloudApiVerdict({ code: Number(code) }).meaning.length).toBeGreaterThan(5);
    }
  });
});
