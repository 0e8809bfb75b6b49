import { until } from "../wait.ts";
import { kinds } from "../world/devices.ts";
import { timings } from "../world/place.ts";
import type { WorkerNode } from "../world/worker-node.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const hourMs = 3_600_000;

/**
 * Loaded into a worker before anything else: its wall clock is wrong by so much, and by as much to the other side after
 * each SIGUSR2. The monotonic clock goes on as it does on a machine whose time is set.
 */
const wrongClock = (byMs: number): string => `
  let wrongBy = ${byMs};
  const Real = Date;
  const now = () => Real.now() + wrongBy;
  globalThis.Date = class Date extends Real {
    constructor(...given) { given.length === 0 ? super(now()) : super(...given); }
    static now() { return now(); }
  };
  process.on("SIGUSR2", () => { wrongBy = -wrongBy; });
`;

const withClock = (byMs: number): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(wrongClock(byMs))}`,
});

/** Numbers of the leases: they change when a device changes hands. */
async function epochs({ world }: Scene): Promise<string> {
  const { rows } = await world.db.pool.query<{ epochs: string }>(
    "SELECT string_agg(id || ':' || lease_epoch, ' ' ORDER BY id) AS epochs FROM devices",
  );
  return rows[0]?.epochs ?? "";
}

async function replace(scene: Scene, nodes: readonly WorkerNode[], env: readonly NodeJS.ProcessEnv[]) {
  const { workers } = scene.world;
  for (const node of nodes) await workers.stop(node);
  return await Promise.all(env.map((one) => workers.add(one)));
}

/** Leases must not depend on the wall clocks of workers: no device may change hands because one jumps. */
const jumps: Fault = {
  name: "clocks of workers jump by an hour, either way",
  short: false,
  kinds,
  inject: async (scene) => {
    const { workers } = scene.world;
    const shifted = await replace(scene, workers.alive.slice(0, 2), [withClock(hourMs), withClock(-hourMs)]);
    let steady = await epochs(scene);
    await until(
      "devices at rest",
      async () => {
        const before = steady;
        steady = await epochs(scene);
        await scene.pause(timings.leaseMs);
        return before === steady && (await epochs(scene)) === steady;
      },
      60_000,
    );
    for (let n = 0; n < 4; n++) {
      for (const node of shifted) node.process.kill("SIGUSR2");
      await scene.pause(timings.leaseMs / 2);
    }
    const after = await epochs(scene);
    if (after !== steady) throw new Error(`devices changed hands: ${steady} became ${after}`);
    // What a dead one held is taken over in time all the same.
    const [ahead] = shifted;
    if (ahead) await workers.kill(ahead);
  },
  tidy: async (scene) => {
    const { workers, size } = scene.world;
    for (const node of workers.alive) await workers.stop(node);
    await workers.fill(size.workers);
  },
};

export const clockFaults: readonly Fault[] = [jumps];
