import type { Database } from "@pregonero/db";
import { kinds } from "../world/devices.ts";
import type { World } from "../world/world.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const restarted: Fault = {
  name: "Postgres killed and restarted",
  short: true,
  kinds,
  inject: async ({ world, random, pause }) => {
    world.servers.postgres.kill("SIGKILL");
    await pause(random.between(500, 2_000));
    await world.servers.postgres.startAgain();
  },
};

const cut: Fault = {
  name: "connections to Postgres cut, again and again",
  short: false,
  kinds,
  inject: async ({ world, random, pause }) => {
    for (let n = 0; n < 12; n++) {
      for (const { postgres } of world.workers.alive) postgres.cut();
      await pause(random.between(100, 800));
    }
  },
};

/** A cable that was pulled: nobody is told that the other side is gone. */
const silent: Fault = {
  name: "Postgres out of reach for one worker, in silence",
  short: false,
  kinds,
  inject: async (scene) => {
    const { postgres } = await scene.holderOf(scene.device("whatsapp_web"));
    postgres.swallow(true);
    await scene.pause(scene.short ? 8_000 : 20_000);
    postgres.swallow(false);
  },
};

const slow: Fault = {
  name: "slow disk: every statement takes longer",
  short: false,
  kinds,
  inject: async ({ world, random, pause }) => {
    for (const { postgres } of world.workers.alive) postgres.delay(random.between(150, 400));
    await pause(8_000);
    for (const { postgres } of world.workers.alive) postgres.delay(0);
  },
};

const isolation = (level: string) =>
  `ALTER DATABASE pregonero SET default_transaction_isolation TO '${level}'`;

async function reconnect({ db, workers }: World, level: string): Promise<void> {
  await db.pool.query(isolation(level));
  for (const { postgres } of workers.alive) postgres.cut();
}

/** Postgres itself gives transactions up: under `repeatable read` whoever changes a row that has changed meanwhile. */
const serialization: Fault = {
  name: "serialization failures",
  short: false,
  kinds,
  inject: async ({ world, pause }) => {
    await reconnect(world, "repeatable read");
    await pause(6_000);
    await reconnect(world, "read committed");
  },
  tidy: async ({ world }) => {
    await world.db.pool.query(isolation("read committed"));
  },
};

/**
 * Locks in the order opposite to the protocol's: lanes first, then the job. Whoever of the product waits for a lane with
 * the job in hand is then given up, as a rule: this side is told to be more patient.
 */
async function deadlock(db: Database, jobId: string, pauseMs: number, pause: Scene["pause"]): Promise<void> {
  const client = await db.pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL deadlock_timeout = '3s'");
    await client.query("SELECT 1 FROM lanes WHERE job_id = $1 FOR UPDATE", [jobId]);
    await pause(pauseMs);
    await client.query("SELECT 1 FROM send_messages_jobs WHERE id = $1 FOR UPDATE", [jobId]);
    await client.query("ROLLBACK");
    client.release();
  } catch (error) {
    client.release(true);
    // Whoever waits first looks first, and once: on a busy machine it may be this side that is given up.
    if (!isDeadlock(error)) throw error;
  }
}

const isDeadlock = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "40P01";

async function deadlocksSoFar(db: Database): Promise<number> {
  await db.pool.query("SELECT pg_stat_clear_snapshot()");
  const { rows } = await db.pool.query<{ deadlocks: number }>(
    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.deadlocks ?? 0;
}

const deadlocks: Fault = {
  name: "deadlocks",
  short: false,
  kinds,
  inject: async ({ world, campaigns, random, pause }) => {
    const before = await deadlocksSoFar(world.db);
    for (let n = 0; n < 3; n++) {
      await Promise.all(
        campaigns.map(({ jobId }) => deadlock(world.db, jobId, random.between(50, 250), pause)),
      );
    }
    // Postgres publishes its statistics with some delay.
    await pause(1_500);
    if ((await deadlocksSoFar(world.db)) <= before) throw new Error("there was no deadlock");
  },
};

const bothGone: Fault = {
  name: "Postgres and Redis gone at once",
  short: false,
  kinds,
  inject: async ({ world, random, pause }) => {
    const { postgres, redis } = world.servers;
    postgres.kill("SIGKILL");
    redis.kill("SIGKILL");
    await pause(random.between(2_000, 6_000));
    await Promise.all([postgres.startAgain(), redis.startAgain()]);
  },
};

export const postgresFaults: readonly Fault[] = [
  restarted,
  cut,
  silent,
  slow,
  serialization,
  deadlocks,
  bothGone,
];
