import { migrateDatabase, openDatabase } from "@pregonero/db";
import { makeTenant } from "@pregonero/db/testing";
import { sleep } from "@pregonero/runtime";
import { cpus } from "node:os";
import type { Order, Report } from "./realtime/clients.ts";
import { openBare, openNative, openSocketIo, type Contender } from "./realtime/contenders.ts";
import { HelperProcess } from "./realtime/helper-process.ts";

/**
 * A thousand clients of one campaign, in a process of their own.
 * (a) From publication to client at 10 and 100 publications a second, beside a bare `ws` server that broadcasts the same
 * bytes (and needs no Redis), and socket.io with its Redis adapter.
 * (b) The most events a second that reach every client, each of them, with a p99 below a second: the native protocol
 * puts several into a frame, the bare server broadcasts a frame for each.
 */
const clients = 1_000;
const seconds = 3;
/** The contenders take turns, so that what else the machine does hits them all; medians count. */
const rounds = 3;
const rates = [10, 100];
/** Events a second that are tried in (b), until one is too many. */
const ladders = {
  native: [500, 1_000, 1_300, 1_600, 2_000, 2_500],
  bare: [100, 150, 200, 250, 300, 400],
};
const longestP99Ms = 1_000;

interface Outcome extends Report {
  readonly published: number;
  readonly complete: boolean;
}

/** A server, and a thousand clients of it. */
interface Pair {
  readonly contender: Contender;
  readonly helper: HelperProcess;
}

async function pair(contender: Contender): Promise<Pair> {
  const helper = new HelperProcess("clients.ts");
  const { kind, url, token, channel } = contender;
  const order: Order = { do: "connect", kind, url, token, channel, count: clients };
  await helper.ask(order);
  await contender.publish(20, 1);
  return { contender, helper };
}

async function measure({ contender, helper }: Pair, perSecond: number): Promise<Outcome> {
  await helper.ask({ do: "reset" });
  const published = await contender.publish(perSecond, seconds);
  let report: Report | undefined;
  // What is still on its way gets some seconds.
  for (let wait = 0; wait < 20 && (report?.events ?? 0) < published * clients; wait += 1) {
    await sleep(250);
    ({ report } = await helper.ask<{ report: Report }>({ do: "report" }));
  }
  if (!report) throw new Error("the clients did not report");
  const complete = report.events === published * clients && report.disorder === 0 && report.closed === 0;
  return { ...report, published, complete };
}

/** The greatest rate of the ladder at which every client got every event in order, soon enough. */
async function ceiling(some: Pair, ladder: readonly number[]): Promise<number> {
  let best = 0;
  for (const rate of ladder) {
    const outcome = await measure(some, rate);
    const good = outcome.complete && outcome.p99Ms <= longestP99Ms;
    const perFrame = (outcome.events / outcome.frames).toFixed(1);
    const { kind } = some.contender;
    const verdict = good ? "" : ", too many";
    console.log(`  ${kind} ${rate} events/s: p99 ${ms(outcome.p99Ms)}, ${perFrame} events a frame${verdict}`);
    if (!good) break;
    best = rate;
  }
  return best;
}

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** (a) @returns medians by contender */
async function latencies(pairs: readonly Pair[], rate: number) {
  const outcomes = new Map(pairs.map((some) => [some, [] as Outcome[]]));
  for (let round = 0; round < rounds; round += 1)
    for (const [some, list] of outcomes) list.push(await measure(some, rate));
  return [...outcomes].map(([{ contender }, list]) => {
    const p50Ms = median(list.map((outcome) => outcome.p50Ms));
    const p99Ms = median(list.map((outcome) => outcome.p99Ms));
    const complete = list.every((outcome) => outcome.complete);
    const all = list.map((outcome) => outcome.p99Ms.toFixed(0)).join(", ");
    console.log(`  ${contender.kind.padEnd(10)} ${rate}/s: p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)} of ${all}`);
    return { name: `${contender.kind} at ${rate}/s`, kind: contender.kind, p50Ms, p99Ms, complete };
  });
}

const databaseUrl = process.env["DATABASE_URL"] ?? "";
await migrateDatabase(databaseUrl);
const db = openDatabase({ url: databaseUrl, name: "bench-realtime" });
const contenders = [await openNative(db, await makeTenant(db)), await openBare(), await openSocketIo()];
const pairs: Pair[] = [];
const cases: object[] = [];
try {
  for (const contender of contenders) pairs.push(await pair(contender));
  console.log(`${clients} clients, publish to client, medians of ${rounds} rounds of ${seconds} s:`);
  for (const rate of rates) {
    const results = await latencies(pairs, rate);
    const p99 = (kind: string): number => results.find((result) => result.kind === kind)?.p99Ms ?? NaN;
    const ratio = p99("native") / p99("bare");
    cases.push(...results, { name: `p99 at ${rate}/s, native to bare ws`, ratio });
    console.log(`  p99 at ${rate}/s, native to bare ws: ${ratio.toFixed(2)} (aim: at most 1.5)`);
  }
  const best: Record<string, number> = {};
  // `npm run bench -- realtime latency` leaves (b) out.
  for (const some of process.argv[2] === "latency" ? [] : pairs) {
    const { kind } = some.contender;
    if (kind !== "socket.io") best[kind] = await ceiling(some, ladders[kind]);
  }
  const ratio = (best["native"] ?? NaN) / (best["bare"] ?? NaN);
  cases.push({ name: "events/s to 1,000 clients, native to bare ws", ...best, ratio });
  console.log(
    `events/s to all: native ${best["native"]}, bare ws ${best["bare"]}: ${ratio.toFixed(1)} × (aim: 3)`,
  );
  const conditions = { clients, seconds, rounds, cpus: cpus().length, node: process.version };
  console.log(JSON.stringify({ bench: "realtime", cases, conditions }));
} finally {
  for (const { helper } of pairs) await helper.close();
  for (const contender of contenders) await contender.close();
  await db.close();
}
