import fc from "fast-check";
import { expect, test } from "vitest";
import type { Database } from "../../src/index.ts";
import { testDatabase } from "../fixtures.ts";
import { histories, leaseMs, type Step } from "./steps.ts";
import { ProtocolWorld, type Deadline } from "./world.ts";

const messages = 6;

async function live(
  db: Database,
  history: readonly (readonly Step[])[],
  deadline: Deadline = "of the claim",
): Promise<void> {
  const world = await ProtocolWorld.create(db, messages, deadline);
  try {
    for (const moment of history) {
      await Promise.all(moment.map((step) => world.happen(step)));
      await world.check();
    }
    await world.finish();
  } finally {
    await world.close();
  }
}

// A failure prints its seed and the shortest history that fc could find; `fc.assert(…, { seed, path })` repeats it.
test(
  "claims, leases and the fence: whatever two workers, crashes and time do, each number gets its message once",
  { timeout: 120_000 },
  async () => {
    await using database = await testDatabase();
    await fc.assert(
      fc.asyncProperty(histories, (history) => live(database.db, history)),
      { numRuns: 40, interruptAfterTimeLimit: 25_000, markInterruptAsFailure: false },
    );
  },
);

/**
 * Renewed between the claim and the call, then ended by hand: the row's deadline is over, and the lease that the first
 * worker remembers is not.
 */
const stolenAfterRenewal: readonly Step[] = [
  { do: "acquire", who: "a", lateMs: 0 },
  { do: "acquire", who: "a", lateMs: 0 },
  { do: "claim", who: "a", limit: 1 },
  { do: "time passes", ms: leaseMs - 1_000 },
  { do: "renew", who: "a", lateMs: 0 },
  { do: "time passes", ms: 3_000 },
  { do: "steal" },
  { do: "acquire", who: "b", lateMs: 0 },
  { do: "acquire", who: "b", lateMs: 0 },
  { do: "settle", who: "b" },
  { do: "settle", who: "b" },
  { do: "claim", who: "b", limit: 4 },
  ...Array.from({ length: 4 }, (): Step => ({ do: "begin", who: "b" })),
  ...Array.from({ length: 4 }, (): Step => ({ do: "deliver" })),
  ...Array.from({ length: 2 }, (): Step => ({ do: "begin", who: "a" })),
  ...Array.from({ length: 2 }, (): Step => ({ do: "deliver" })),
];

test.each([
  ["of the claim", "holds"],
  ["of the lease", "arrived 2 times"],
] as const)("a call may begin until the end %s: %s", async (deadline, expected) => {
  await using database = await testDatabase();
  const outcome = await live(
    database.db,
    stolenAfterRenewal.map((step) => [step]),
    deadline,
  ).then(
    () => "holds",
    (error: unknown) => String(error),
  );
  expect(outcome).toContain(expected);
});
