import type { DeviceKind } from "@pregonero/db";
import { Closer } from "@pregonero/runtime";
import type { Fault } from "../faults/fault.ts";
import { faults } from "../faults/index.ts";
import { judge } from "../observer/judge.ts";
import { leftoversAfterStop, leftoversAtRest } from "../observer/leftovers.ts";
import { observe } from "../observer/observe.ts";
import { chosen, type Options } from "../options.ts";
import { Random } from "../random.ts";
import { until } from "../wait.ts";
import type { Campaign } from "../world/campaigns.ts";
import { openWorld, type World } from "../world/world.ts";
import { inject } from "./inject.ts";
import { memoryMb } from "./memory.ts";
import { add, newTally, type Tally } from "./tally.ts";

export interface Report {
  readonly tallies: readonly Tally[];
  readonly memory: { readonly startMb: number; readonly endMb: number };
  /** What was left behind, and what was found at the very end. */
  readonly findings: readonly string[];
}

const restMs = 20_000;

interface Step {
  readonly fault: Fault;
  readonly kind: DeviceKind;
}

/** Opens the world, breaks it in every chosen way, and closes it. */
export async function run(
  options: Options,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Report> {
  const startMs = performance.now();
  const random = new Random(options.seed);
  await using closer = new Closer({ timeoutMs: 30_000 });
  const world = await openWorld({ workers: 3, webDevices: 3 }, closer, say);
  const tallies = new Map(picked(options).map(({ name }) => [name, newTally(name)]));
  const campaigns: Campaign[] = [];
  const startMb = await memoryMb(world);
  for (const { fault, kind } of steps(options, random, () => performance.now() - startMs)) {
    if (signal.aborted) break;
    const tally = tallies.get(fault.name);
    if (!tally) continue;
    const unable = fault.unable?.() ?? null;
    if (unable !== null) {
      tally.skipped = unable;
      continue;
    }
    say(`${fault.name}${fault.eachKind ? ` (${kind})` : ""}`);
    const done = await inject(world, fault, { kind, random, short: options.short });
    campaigns.push(...done.campaigns);
    const before = tally.findings.length;
    add(tally, done);
    for (const finding of tally.findings.slice(before, before + 5)) say(`  ✗ ${finding}`);
  }
  const findings = await finish(world, campaigns);
  const endMb = findings.memoryMb;
  return { tallies: [...tallies.values()], memory: { startMb, endMb }, findings: findings.found };
}

const picked = ({ only, short }: Options): readonly Fault[] =>
  only === null ? faults.filter((fault) => fault.short || !short) : chosen(only);

/** Each fault once, the short form on one kind of channel; then, in the long form, any of them until time is up. */
function* steps(options: Options, random: Random, elapsedMs: () => number): Generator<Step> {
  const list = picked(options);
  for (const fault of list) {
    const kinds = fault.eachKind && !options.short ? fault.kinds : [random.pick(fault.kinds)];
    for (const kind of kinds) yield { fault, kind };
  }
  if (options.short || options.only !== null) return;
  while (elapsedMs() < options.minutes * 60_000) {
    const fault = random.pick(list);
    yield { fault, kind: random.pick(fault.kinds) };
  }
}

/** Looks at everything once more, at rest and after the end. */
async function finish(
  world: World,
  campaigns: readonly Campaign[],
): Promise<{ found: string[]; memoryMb: number }> {
  const found: string[] = [];
  const soon = async (look: () => Promise<string[]>): Promise<void> => {
    // Dead connections are noticed and turns end a moment later.
    await until("nothing left", async () => (await look()).length === 0, restMs).catch(() => undefined);
    found.push(...(await look()));
  };
  await soon(() => leftoversAtRest(world));
  const memory = await memoryMb(world);
  // A zombie that woke late would have sent by now: all that ever arrived, once more.
  const verdict = judge(await observe(world.db, await world.sandbox.arrivals(), campaigns));
  found.push(...verdict.lost, ...verdict.doubled, ...verdict.wrong);
  for (const code of await world.workers.close())
    if (code !== 0) found.push(`a worker ended with code ${code} when it was told to stop`);
  const code = await world.api.stop();
  if (code !== 0) found.push(`the API ended with code ${code} when it was told to stop`);
  await soon(() => leftoversAfterStop(world));
  return { found, memoryMb: memory };
}
