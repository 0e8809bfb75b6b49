import { until } from "../wait.ts";
import { kinds } from "../world/devices.ts";
import { timings } from "../world/place.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const deployMs = 60_000;

async function expectCleanExit(scene: Scene, how: () => Promise<number | null>): Promise<void> {
  const code = await how();
  if (code !== 0) throw new Error(`ended with code ${code} when it was told to stop`);
}

/** Finishes what is under way, gives its devices back, exits 0. */
const told: Fault = {
  name: "SIGTERM of a worker under load",
  short: true,
  kinds,
  inject: async (scene) => {
    const { workers } = scene.world;
    const holder = await scene.holderOf(scene.device());
    await expectCleanExit(scene, () => workers.stop(holder));
  },
};

/** The zombie must not send: its leases are others' by the time that it wakes. */
const stopped: Fault = {
  name: "SIGSTOP of a worker for longer than its lease, then SIGCONT",
  short: true,
  kinds,
  inject: async (scene) => {
    const device = scene.device("whatsapp_web");
    const zombie = await scene.holderOf(device);
    const { db, workers } = scene.world;
    zombie.process.kill("SIGSTOP");
    try {
      const taken = async (): Promise<boolean> => {
        const others = workers.alive.filter((node) => node !== zombie).map(({ name }) => name);
        const { rowCount } = await db.pool.query(
          `SELECT 1 FROM devices d JOIN workers w ON w.id = d.lease_worker_id
           WHERE d.id = $1 AND w.name = ANY ($2) AND d.state = 'connected'`,
          [device.id, others],
        );
        return rowCount === 1;
      };
      await until("another worker drives the device", taken, timings.leaseMs + 30_000);
    } finally {
      zombie.process.kill("SIGCONT");
    }
  },
};

/** An admin ends the lease in SQL while its holder is at work: two workers drive the device until the first notices. */
const twoHolders: Fault = {
  name: "two workers given the same device by hand",
  short: true,
  kinds,
  eachKind: true,
  inject: async (scene) => {
    const device = scene.device();
    const { db } = scene.world;
    const holder = await scene.holderOf(device);
    const { rows } = await db.pool.query<{ name: string }>(
      `UPDATE devices d SET lease_worker_id = w.id, lease_epoch = lease_epoch + 1,
         lease_expires_at = clock_timestamp() + interval '1.5 second'
       FROM workers w WHERE d.id = $1 AND w.name <> $2 AND w.name = ANY ($3)
         AND w.name = (SELECT min(name) FROM workers WHERE name <> $2 AND name = ANY ($3))
       RETURNING w.name`,
      [device.id, holder.name, scene.world.workers.alive.map(({ name }) => name)],
    );
    if (rows.length !== 1) throw new Error("the device was not given away");
  },
};

/** Every process is replaced while campaigns run, twice, one after the other as a deploy does. */
const deploys: Fault = {
  name: "rolling restart of all processes, twice",
  short: false,
  kinds,
  inject: async (scene) => {
    const { workers, api, size } = scene.world;
    for (let round = 0; round < 2; round++) {
      for (const node of workers.alive) {
        await expectCleanExit(scene, () => workers.stop(node));
        await workers.fill(size.workers);
      }
      await expectCleanExit(scene, () => api.stop());
      await api.start();
    }
  },
};

/** Devices are shared out anew, with their sessions: nobody has to scan a QR again. */
const joining: Fault = {
  name: "a worker joins, another leaves",
  short: false,
  kinds,
  inject: async (scene) => {
    const { db, workers, size } = scene.world;
    const linkedAt = async () =>
      (await db.pool.query("SELECT id, linked, linked_at FROM devices ORDER BY id")).rows.map((row) =>
        JSON.stringify(row),
      );
    const before = await linkedAt();
    const [first] = workers.alive;
    const joined = await workers.add();
    const shared = async (): Promise<boolean> => {
      const { rows } = await db.pool.query<{ held: number }>(
        `SELECT count(d.id)::int AS held FROM workers w LEFT JOIN devices d ON d.lease_worker_id = w.id
         WHERE w.name = ANY ($1) GROUP BY w.id`,
        [workers.alive.map(({ name }) => name)],
      );
      const held = rows.map((row) => row.held);
      return rows.length === size.workers + 1 && Math.max(...held) - Math.min(...held) <= 2;
    };
    await until("devices shared out over all workers", shared, deployMs);
    if (first) await expectCleanExit(scene, () => workers.stop(first));
    await until("the newcomer holds devices", async () => holds(scene, joined.name), deployMs);
    if ((await linkedAt()).join() !== before.join()) throw new Error("a device had to be linked again");
  },
};

async function holds({ world }: Scene, name: string): Promise<boolean> {
  const { rowCount } = await world.db.pool.query(
    "SELECT 1 FROM devices d JOIN workers w ON w.id = d.lease_worker_id WHERE w.name = $1",
    [name],
  );
  return (rowCount ?? 0) > 0;
}

export const workerFaults: readonly Fault[] = [told, stopped, twoHolders, deploys, joining];
