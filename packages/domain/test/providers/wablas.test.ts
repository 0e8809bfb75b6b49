import { describe, expect, test } from "vitest";
import { wablasVerdict, type SendFailureCode } from "../../src/index.ts";

const cases: [message: string, code: SendFailureCode][] = [
  ["token invalid", "device_refused"],
  ["Unauthorized", "device_refused"],
  ["secret key is wrong", "device_refused"],
  ["your quota is empty", "device_refused"],
  ["your package has expired", "device_refused"],
  ["device disconnected", "device_disconnected"],
  ["please scan the QR code first", "device_disconnected"],
  ["device not found", "device_refused"],
  ["too many requests, slow down", "rate_limited"],
  ["phone number is not registered on whatsapp", "not_on_whatsapp"],
  ["invalid phone number", "invalid_recipient"],
  ["phone is required", "invalid_recipient"],
  ["server under maintenance, try again later", "provider_temporary"],
];

describe("failures of Wablas", () => {
  test.for(cases)('"%s" leads to %s', ([message, code]) => {
    expect(wablasVerdict({ message, status: 200 }).code).toBe(code);
  });

  test("words that say nothing known are judged by the HTTP status", () => {
    const codeOf = (status?: number) => wablasVerdict({ message: "gagal", status }).code;
    expect(codeOf(200)).toBe("rejected");
    expect(codeOf(400)).toBe("rejected");
    expect(codeOf(401)).toBe("device_refused");
    expect(codeOf(403)).toBe("device_refused");
    expect(codeOf(429)).toBe("rate_limited");
    expect(codeOf(502)).toBe("provider_temporary");
  });
});
