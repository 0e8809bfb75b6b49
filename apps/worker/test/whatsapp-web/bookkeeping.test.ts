import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ContextStatusKeeper } from "../../src/channels/whatsapp-web/context-status.ts";
import { Heard } from "../../src/channels/whatsapp-web/heard.ts";
import { KnownNumbers } from "../../src/channels/whatsapp-web/known-numbers.ts";
import { PageClock } from "../../src/channels/whatsapp-web/page-clock.ts";
import { Recent } from "../../src/channels/whatsapp-web/recent.ts";

describe("what was heard", () => {
  it("is told when it goes further, and a failure only when nothing else was", () => {
    const heard = new Heard();
    const told = [0, -1, -1, 1, 1, -1, 3, 2, 4].map((ack) => heard.newAck("a", ack));
    expect(told).toEqual([null, "failed", null, "sent", null, null, "read", null, null]);
    expect(heard.newAck("b", 2)).toBe("delivered");
  });

  it("is told once for each inbound message", () => {
    const heard = new Heard();
    expect([heard.isNewInbound("a"), heard.isNewInbound("a"), heard.isNewInbound("b")]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

describe("recent entries", () => {
  it("are kept up to the limit, and what was set again is young", () => {
    const recent = new Recent<string, number>(2);
    recent.set("a", 1);
    recent.set("b", 1);
    recent.set("a", 2);
    recent.set("c", 1);
    expect([recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([2, undefined, 1]);
    recent.delete("a");
    expect(recent.get("a")).toBeUndefined();
  });
});

describe("the page's clock", () => {
  it("is never late, whatever the answers took, and gets better with a quicker one", () => {
    const clock = new PageClock();
    expect(clock.at(0)).toBeNull();
    // The page's clock is 1,000 ms behind ours. This answer took 80 ms to come back.
    clock.note({ timeOrigin: 5, nowMs: 0 }, 1_080);
    expect(clock.at(2_000)).toEqual({ timeOrigin: 5, ms: 920 });
    clock.note({ timeOrigin: 5, nowMs: 2_000 }, 3_001);
    expect(clock.at(4_000)).toEqual({ timeOrigin: 5, ms: 2_999 });
    // A worker that stood still while the answer waited.
    clock.note({ timeOrigin: 5, nowMs: 4_000 }, 65_000);
    expect(clock.at(66_000)).toEqual({ timeOrigin: 5, ms: 64_999 });
  });

  it("starts anew with each document", () => {
    const clock = new PageClock();
    clock.note({ timeOrigin: 5, nowMs: 90_000 }, 100_000);
    clock.note({ timeOrigin: 6, nowMs: 10 }, 100_020);
    expect(clock.at(100_020)).toEqual({ timeOrigin: 6, ms: 10 });
    clock.reset();
    expect(clock.at(100_020)).toBeNull();
  });
});

describe("with the clock in hand", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("a number is known for a day, unless it is forgotten", () => {
    const known = new KnownNumbers();
    known.learn("1", "1@c.us");
    known.learn("2", "2@lid");
    expect(known.chatOf("2")).toBe("2@lid");
    known.forget("2");
    expect(known.chatOf("2")).toBeNull();
    vi.advanceTimersByTime(24 * 3_600_000 - 1);
    expect(known.chatOf("1")).toBe("1@c.us");
    vi.advanceTimersByTime(1);
    expect(known.chatOf("1")).toBeNull();
  });

  it("a context is busy for a whole run of sends and then what the connection is", () => {
    const told: string[] = [];
    const keeper = new ContextStatusKeeper((status, detail) =>
      told.push([status, detail].filter(Boolean).join(" ")),
    );
    const changes = (): string[] => told.filter((status, index) => status !== told[index - 1]);
    keeper.connection("connected");
    for (let send = 0; send < 3; send += 1) {
      keeper.sendBegan();
      keeper.sendEnded();
      vi.advanceTimersByTime(100);
    }
    expect(changes()).toEqual(["available", "busy"]);
    vi.advanceTimersByTime(1_000);
    expect(changes()).toEqual(["available", "busy", "available"]);
    keeper.sendBegan();
    keeper.connection("error", "page crashed");
    keeper.sendEnded();
    vi.advanceTimersByTime(1_000);
    expect(changes().slice(3)).toEqual(["busy", "error page crashed"]);
  });

  it("a keeper that was stopped says nothing more", () => {
    const told: string[] = [];
    const keeper = new ContextStatusKeeper((status) => told.push(status));
    keeper.connection("connected");
    keeper.sendBegan();
    keeper.sendEnded();
    keeper.stop();
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual(["available", "busy"]);
  });
});
