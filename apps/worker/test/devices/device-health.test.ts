import { describe, expect, test } from "vitest";
import type { SendFailureCode, SendOutcome } from "../../src/channels/channel.ts";
import { DeviceHealth } from "../../src/devices/device-health.ts";

const refused = (code: SendFailureCode, retryAfterMs?: number): SendOutcome => ({
  kind: "refused",
  failure: { code, detail: "why", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});
const sent: SendOutcome = { kind: "sent", ack: "sent" };

describe("circuit breaker", () => {
  test("five failures in a row put the device aside; what recipients do to themselves does not count", () => {
    const health = new DeviceHealth(() => 0);
    for (let n = 0; n < 4; n++) expect(health.ended(refused("provider_temporary")).kind).toBe("fine");
    expect(health.ended(refused("not_on_whatsapp")).kind).toBe("fine");
    for (let n = 0; n < 4; n++) expect(health.ended({ kind: "ambiguous", reason: "?" }).kind).toBe("fine");
    expect(health.ended(refused("provider_temporary"))).toMatchObject({ kind: "aside", forMs: 10_000 });
  });

  test("doubles the pause on the next failure, and closes on a success", () => {
    let nowMs = 0;
    const health = new DeviceHealth(() => nowMs);
    for (let n = 0; n < 5; n++) health.ended(refused("provider_temporary"));
    // What was under way when the circuit opened.
    expect(health.ended(refused("provider_temporary")).kind).toBe("fine");
    nowMs = 10_001;
    expect(health.ended(refused("provider_temporary"))).toMatchObject({ kind: "aside", forMs: 20_000 });
    nowMs = 40_000;
    expect(health.ended(sent).kind).toBe("fine");
    expect(health.ended(refused("provider_temporary")).kind).toBe("fine");
  });

  test("a word of the provider on the device is heeded at once", () => {
    const health = new DeviceHealth(() => 0);
    expect(health.ended(refused("rate_limited", 700))).toEqual({ kind: "slow", pauseMs: 700 });
    expect(health.ended(refused("device_refused"))).toMatchObject({ kind: "aside", alert: true });
    expect(health.ended(refused("spam_limited"))).toMatchObject({ kind: "aside", alert: true });
    expect(health.ended(refused("device_banned", 5_000))).toMatchObject({ kind: "aside", forMs: 5_000 });
  });
});
