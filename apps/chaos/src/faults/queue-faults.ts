import { randomUUID } from "node:crypto";
import { kinds } from "../world/devices.ts";
import { redisPrefix } from "../world/place.ts";
import type { World } from "../world/world.ts";
import type { Fault } from "./fault.ts";

/** Puts a queue job where BullMQ takes them from, without asking BullMQ: no deduplication, any order. */
async function force({ redis }: World, deviceId: number, first: boolean): Promise<void> {
  const queue = `${redisPrefix}:turns-${deviceId}`;
  const id = `forced-${randomUUID()}`;
  const job = { name: "turn", data: JSON.stringify({ deviceId }), opts: "{}", timestamp: Date.now() };
  await redis.hset(`${queue}:${id}`, { ...job, delay: 0, priority: 0 });
  if (first) await redis.rpush(`${queue}:wait`, id);
  else await redis.lpush(`${queue}:wait`, id);
  // What makes a consumer look that waits.
  await redis.zadd(`${queue}:marker`, 0, "0");
}

const doubled: Fault = {
  name: "queue jobs doubled and out of order",
  short: true,
  kinds,
  inject: async ({ world, random, pause }) => {
    for (let n = 0; n < 30; n++) {
      for (const { id } of world.devices) await force(world, id, random.next() < 0.5);
      await pause(random.between(20, 150));
    }
  },
};

export const queueFaults: readonly Fault[] = [doubled];
