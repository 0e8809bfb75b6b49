import { kinds } from "../world/devices.ts";
import type { Fault } from "./fault.ts";

/** What was answered with 202 is sent, whatever becomes of who answered. */
const afterAccepted: Fault = {
  name: "kill -9 of the API right after its 202",
  short: true,
  kinds,
  inject: async ({ world, campaigns, random, pause }) => {
    for (const kind of kinds) {
      campaigns.push(await world.campaigns.start(kind, 40));
      await world.api.kill();
      await pause(random.between(0, 500));
      await world.api.start();
    }
  },
};

export const apiFaults: readonly Fault[] = [afterAccepted];
