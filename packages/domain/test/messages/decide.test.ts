import { describe, expect, test } from "vitest";
import { decide, type SendFailureCode } from "../../src/index.ts";

const failed = (code: SendFailureCode, more: { attempt?: number; retryAfterMs?: number } = {}) =>
  decide({ code, attempt: 1, maxAttempts: 3, random: 0.5, ...more });

describe("what a failed attempt leads to", () => {
  test.for([
    "not_on_whatsapp",
    "invalid_recipient",
    "rejected",
    "opted_out",
    "needs_template",
    "template_rejected",
  ] as const)("%s is never tried again", (code) => {
    expect(failed(code)).toEqual({ kind: "fail" });
    expect(failed(code, { retryAfterMs: 10 })).toEqual({ kind: "fail" });
  });

  test.for([
    "not_started",
    "device_disconnected",
    "device_banned",
    "device_refused",
    "spam_limited",
    "rate_limited",
  ] as const)("%s is no fault of the message and costs it no attempt, however often it happens", (code) => {
    expect(failed(code, { attempt: 99 })).toMatchObject({ kind: "snooze" });
    expect(failed(code, { retryAfterMs: 60_000 })).toEqual({ kind: "snooze", delayMs: 60_000 });
  });

  test.for(["provider_temporary", "recipient_rate_limited"] as const)(
    "%s is tried again until the attempts are used up",
    (code) => {
      expect(failed(code, { attempt: 2 })).toMatchObject({ kind: "retry" });
      expect(failed(code, { attempt: 3 })).toEqual({ kind: "fail" });
      expect(failed(code, { retryAfterMs: 86_400_000 })).toEqual({ kind: "retry", delayMs: 86_400_000 });
    },
  );

  test("a recipient who had too many messages is left alone for 4^n seconds", () => {
    const delayOf = (attempt: number) => {
      const verdict = decide({ code: "recipient_rate_limited", attempt, maxAttempts: 10, random: 0 });
      return verdict.kind === "retry" ? verdict.delayMs : null;
    };
    expect([1, 2, 3, 4].map(delayOf)).toEqual([4_000, 16_000, 64_000, 256_000]);
    expect(delayOf(9)).toBe(600_000);
  });
});
