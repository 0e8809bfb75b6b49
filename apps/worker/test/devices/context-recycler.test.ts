import { expect, test } from "vitest";
import type { ContextUsage } from "../../src/channels/channel.ts";
import { ContextRecycler, type RecycleLimits } from "../../src/devices/context-recycler.ts";

const hourMs = 3_600_000;
const fresh: ContextUsage = { sends: 0, openForMs: 0, memoryMb: 300 };

function recycler(limits: Partial<RecycleLimits>, random = 0.5) {
  const asked: boolean[] = [];
  const world = { nowMs: 0, usage: fresh as ContextUsage | null };
  const made = new ContextRecycler({
    limits: { afterSends: 0, afterMs: 0, aboveMb: 0, ...limits },
    usage: async (measureMemory) => {
      asked.push(measureMemory);
      return world.usage && { ...world.usage, memoryMb: measureMemory ? world.usage.memoryMb : null };
    },
    random: () => random,
    nowMs: () => world.nowMs,
  });
  const look = async (usage: Partial<ContextUsage> | null, afterMs = 60_000) => {
    world.nowMs += afterMs;
    world.usage = usage && { ...fresh, ...usage };
    await made.look();
    return made.due;
  };
  return { made, look, asked };
}

test("a context goes after so many sends, once, and the next one starts from nothing", async () => {
  const { made, look } = recycler({ afterSends: 100 });
  expect(await look({ sends: 99 })).toBeNull();
  expect(await look({ sends: 100 })).toBe("100 sends");
  made.opened();
  expect(made.due).toBeNull();
  expect(await look({ sends: 1 })).toBeNull();
});

test("a context goes after its hours, and two that were opened together do not go together", async () => {
  const [early, late] = [recycler({ afterMs: 10 * hourMs }, 0), recycler({ afterMs: 10 * hourMs }, 0.999)];
  expect(await early.look({ openForMs: 9 * hourMs - 1 })).toBeNull();
  expect(await early.look({ openForMs: 9 * hourMs })).toBe("open for 540 min");
  expect(await late.look({ openForMs: 10.9 * hourMs })).toBeNull();
  expect(await late.look({ openForMs: 11 * hourMs })).not.toBeNull();
});

test("a context goes above so much memory; what cannot be measured keeps it", async () => {
  const { look } = recycler({ aboveMb: 500 });
  expect(await look({ memoryMb: 499 })).toBeNull();
  expect(await look({ memoryMb: null })).toBeNull();
  expect(await look({ memoryMb: 500 })).toBe("500 MB");
});

test("without limits a context stays, whatever it has been through", async () => {
  const { look } = recycler({});
  expect(await look({ sends: 1e6, openForMs: 1e9, memoryMb: 1e5 })).toBeNull();
  expect(await look(null)).toBeNull();
});

test("the page is asked every five seconds at most, memory measured once a minute", async () => {
  const { look, asked } = recycler({ afterSends: 10, aboveMb: 500 });
  for (let second = 0; second < 120; second++) await look({}, 1_000);
  expect(asked).toHaveLength(24);
  expect(asked.filter(Boolean)).toHaveLength(2);
});
