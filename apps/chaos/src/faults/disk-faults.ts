import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "../wait.ts";
import { chromiumProcesses } from "../world/chromium.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const run = promisify(execFile);
const web = ["whatsapp_web"] as const;

/** The device's browser ends, so that it has to be opened anew. */
async function endBrowser({ world }: Scene, deviceId: number): Promise<void> {
  const processes = await chromiumProcesses(world.place.sessionsDir);
  for (const one of processes)
    if (one.deviceId === deviceId && one.type === "browser") process.kill(one.pid, "SIGKILL");
}

async function untilState({ world }: Scene, deviceId: number, state: string): Promise<void> {
  const holds = async (): Promise<boolean> => {
    const { rows } = await world.db.pool.query<{ state: string }>("SELECT state FROM devices WHERE id = $1", [
      deviceId,
    ]);
    return rows[0]?.state === state;
  };
  await until(`device ${deviceId} ${state}`, holds, 40_000);
}

/**
 * The volume with the profile is full: mounted over the profile is one of 8 MB. Its device stops with the reason, the
 * others go on; when there is room again it comes back with its session.
 */
const full: Fault = {
  name: "disk full for a profile",
  short: false,
  kinds: web,
  unable: () => (process.platform === "linux" && process.getuid?.() === 0 ? null : "only root can mount"),
  inject: async (scene) => {
    const device = scene.device();
    const profile = join(scene.world.place.sessionsDir, `device-${device.id}`);
    await run("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", profile]);
    try {
      await endBrowser(scene, device.id);
      await untilState(scene, device.id, "error");
      await scene.untilMoreArrived("whatsapp_web", 3);
    } finally {
      await run("umount", ["--lazy", profile]);
    }
  },
};

/** The shared volume is gone: devices cannot open. Those whose page is open send on. */
const gone: Fault = {
  name: "session store unavailable",
  short: false,
  kinds: web,
  inject: async (scene) => {
    const { sessionsDir } = scene.world.place;
    const aside = `${sessionsDir}-aside`;
    const device = scene.device();
    await rename(sessionsDir, aside);
    await writeFile(sessionsDir, "not a folder");
    try {
      await endBrowser(scene, device.id);
      await untilState(scene, device.id, "error");
      await scene.pause(2_000);
    } finally {
      await rm(sessionsDir, { force: true, recursive: true });
      await rename(aside, sessionsDir);
    }
    await mkdir(sessionsDir, { recursive: true });
    if ((await readdir(sessionsDir)).length === 0) throw new Error("the sessions are gone");
  },
};

export const diskFaults: readonly Fault[] = [full, gone];
