import { apiFaults } from "./api-faults.ts";
import { browserFaults } from "./browser-faults.ts";
import { clockFaults } from "./clock-faults.ts";
import { diskFaults } from "./disk-faults.ts";
import type { Fault } from "./fault.ts";
import { jobFaults } from "./job-faults.ts";
import { postgresFaults } from "./postgres-faults.ts";
import { providerFaults } from "./provider-faults.ts";
import { queueFaults } from "./queue-faults.ts";
import { redisFaults } from "./redis-faults.ts";
import { workerFaults } from "./worker-faults.ts";
import { workerKills } from "./worker-kills.ts";

/** Every way to break the system that is known here, in the order in which they are tried. */
export const faults: readonly Fault[] = [
  ...workerKills,
  ...workerFaults,
  ...browserFaults,
  ...apiFaults,
  ...redisFaults,
  ...postgresFaults,
  ...providerFaults,
  ...queueFaults,
  ...jobFaults,
  ...clockFaults,
  ...diskFaults,
];
