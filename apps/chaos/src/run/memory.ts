import { chromiumProcesses, memoryMbOf } from "../world/chromium.ts";
import type { World } from "../world/world.ts";

/** Memory of workers, API and browsers together, MB. */
export async function memoryMb({ workers, api, place }: World): Promise<number> {
  const browsers = (await chromiumProcesses(place.sessionsDir)).map(({ pid }) => pid);
  const nodes = workers.alive.map(({ process }) => process.pid);
  return await memoryMbOf([...browsers, ...nodes, ...(api.pid === undefined ? [] : [api.pid])]);
}
