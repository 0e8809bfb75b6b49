import { chromiumProcesses } from "../world/chromium.ts";
import { until } from "../wait.ts";
import { allHeld } from "../world/held.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const web = ["whatsapp_web"] as const;

async function killChromium(scene: Scene, type: "browser" | "renderer"): Promise<void> {
  const device = scene.device("whatsapp_web");
  const processes = await chromiumProcesses(scene.world.place.sessionsDir);
  const victims = processes.filter((one) => one.deviceId === device.id && one.type === type);
  if (victims.length === 0) throw new Error(`device ${device.id} has no ${type}`);
  for (const { pid } of victims) process.kill(pid, "SIGKILL");
}

const browserKilled: Fault = {
  name: "kill -9 of Chromium",
  short: true,
  kinds: web,
  inject: (scene) => killChromium(scene, "browser"),
};

const rendererKilled: Fault = {
  name: "kill -9 of a renderer",
  short: false,
  kinds: web,
  inject: (scene) => killChromium(scene, "renderer"),
};

const hung: Fault = {
  name: "a page hangs",
  short: false,
  kinds: web,
  inject: async (scene) => {
    const ms = scene.short ? 7_000 : 60_000;
    await scene.world.sandbox.hangPage(scene.device().phone, ms);
    await scene.pause(scene.short ? ms : 10_000);
  },
};

/** Contexts that have served their time are opened anew while campaigns run: no fault, but the same promises. */
const recycled: Fault = {
  name: "browser contexts recycled under load",
  short: false,
  kinds: web,
  inject: async (scene) => {
    const { db, workers, size } = scene.world;
    const opened = async (): Promise<number> =>
      (await db.pool.query<{ n: number }>("SELECT count(*)::int AS n FROM browser_context")).rows[0]?.n ?? 0;
    for (const node of workers.alive) await workers.stop(node);
    await Promise.all(Array.from({ length: size.workers }, () => workers.add({ RECYCLE_AFTER_SENDS: "15" })));
    await until("devices connected", () => allHeld(scene.world), 60_000);
    const before = await opened();
    scene.campaigns.push(await scene.world.campaigns.start("whatsapp_web", 300));
    await until("contexts recycled", async () => (await opened()) >= before + 3, 60_000);
  },
  tidy: async ({ world: { workers, size } }) => {
    for (const node of workers.alive) await workers.stop(node);
    await workers.fill(size.workers);
  },
};

export const browserFaults: readonly Fault[] = [browserKilled, rendererKilled, hung, recycled];
