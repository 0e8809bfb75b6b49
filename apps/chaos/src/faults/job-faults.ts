import { until } from "../wait.ts";
import { kinds } from "../world/devices.ts";
import type { Campaign } from "../world/campaigns.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

/** A job that has ended meanwhile cannot be changed any more: the API says so, and that is right. */
async function unlessEnded(change: Promise<unknown>): Promise<boolean> {
  return await change.then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && "status" in error && error.status === 409) return false;
      throw error;
    },
  );
}

const paused: Fault = {
  name: "100 cycles of pause and resume",
  short: true,
  kinds,
  inject: async ({ world, campaigns, random, pause }) => {
    const { jobs } = world.campaigns.client;
    await Promise.all(
      campaigns.map(async ({ jobId }) => {
        for (let n = 0; n < 100; n++) {
          if (!(await unlessEnded(jobs.pause(jobId)))) return;
          await pause(random.between(0, 30));
          if (!(await unlessEnded(jobs.resume(jobId)))) return;
          await pause(random.between(0, 60));
        }
      }),
    );
  },
};

/** What was cancelled and not begun never goes out: half a second later nothing more of the job may arrive. */
async function expectSilence({ world }: Scene, { phones, jobId }: Campaign): Promise<void> {
  const numbers = new Set(phones);
  const count = async () => (await world.sandbox.arrivals()).filter(({ to }) => numbers.has(to)).length;
  const settled = async () => {
    const { rows } = await world.db.pool.query<{ open: number }>(
      "SELECT sending + settling AS open FROM send_messages_jobs WHERE id = $1",
      [jobId],
    );
    return rows[0]?.open === 0;
  };
  await until("what was under way has ended", settled, 60_000);
  const before = await count();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const after = await count();
  if (after !== before) throw new Error(`${after - before} arrived after their job was cancelled`);
}

const cancelled: Fault = {
  name: "cancel during everything",
  short: false,
  kinds,
  inject: async (scene) => {
    const { world, campaigns, random, pause } = scene;
    const { servers, workers, sandbox, api } = world;
    const victim = await scene.holderOf(scene.device("whatsapp_web"));
    const breaking = (async () => {
      servers.redis.kill("SIGKILL");
      await workers.kill(victim);
      for (const { postgres } of workers.alive) postgres.cut();
      await sandbox.hangPage(scene.device("whatsapp_web").phone, 2_000);
      await servers.redis.startAgain();
    })();
    await pause(random.between(0, 400));
    for (const { jobId } of campaigns) await unlessEnded(world.campaigns.client.jobs.cancel(jobId));
    await breaking;
    for (const campaign of campaigns) await expectSilence(scene, campaign);
    // The API has lived through it.
    if (api.pid === undefined) throw new Error("the API is gone");
  },
};

export const jobFaults: readonly Fault[] = [paused, cancelled];
