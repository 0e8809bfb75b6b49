import { kinds } from "../world/devices.ts";
import type { Fault } from "./fault.ts";

const restarted: Fault = {
  name: "Redis killed and restarted",
  short: true,
  kinds,
  inject: async ({ world, random, pause }) => {
    world.servers.redis.kill("SIGKILL");
    await pause(random.between(1_000, 3_000));
    await world.servers.redis.startAgain();
  },
};

const flushed: Fault = {
  name: "Redis FLUSHALL, five times",
  short: false,
  kinds,
  inject: async ({ world, random, pause }) => {
    for (let n = 0; n < 5; n++) {
      await world.redis.flushall();
      await pause(random.between(100, 700));
    }
  },
};

const paused: Fault = {
  name: "Redis stands still",
  short: false,
  kinds,
  inject: async ({ world, short, pause }) => {
    world.servers.redis.kill("SIGSTOP");
    await pause(short ? 4_000 : 30_000);
    world.servers.redis.kill("SIGCONT");
  },
};

const full: Fault = {
  name: "Redis full (noeviction)",
  short: false,
  kinds,
  inject: async ({ world, pause }) => {
    await world.redis.config("SET", "maxmemory", "1");
    await pause(5_000);
    await world.redis.config("SET", "maxmemory", "0");
  },
};

export const redisFaults: readonly Fault[] = [restarted, flushed, paused, full];
