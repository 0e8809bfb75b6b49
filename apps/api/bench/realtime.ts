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
const secondsEach = 6;
const rates = [10, 100];
/** Events a second that are tried in (b), until one is too many. */
const ladders = {
  native: [500, 800, 1_000, 1_300, 1_600, 2_000, 2_500, 3_000],
  bare: [100, 140, 200, 250, 300, 400, 500, 600],
};
const longestP99Ms = 1_000;

interface Outcome extends Report {
  readonly published: number;
  readonly complete: boolean;
}

/** Everybody connects, hears so much for so long, and leaves. */
async function withClients<T>(contender: Contender, work: (helper: HelperProcess) => Promise<T>): Promise<T> {
  const helper = new HelperProcess("clients.ts");
  const { kind, url, token, channel } = contender;
  const order: Order = { do: "connect", kind, url, token, channel, count: clients };
  try {
    await helper.ask(order);
    await contender.publish(20, 1);
    await sleep(500);
    return await work(helper);
  } finally {
    await helper.close();
  }
}

async function measure(
  contender: Contender,
  helper: HelperProcess,
  perSecond: number,
  seconds: number,
): Promise<Outcome> {
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
async function ceiling(contender: Contender, ladder: readonly number[]): Promise<number> {
  return await withClients(contender, async (helper) => {
    let best = 0;
    for (const rate of ladder) {
      const outcome = await measure(contender, helper, rate, 3);
      const good = outcome.complete && outcome.p99Ms <= longestP99Ms;
      const perFrame = (outcome.events / outcome.frames).toFixed(1);
      const p99 = outcome.p99Ms.toFixed(0);
      console.log(
        `  ${contender.kind} ${rate} events/s: p99 ${p99} ms, ${perFrame} events a frame${good ? "" : ", too many"}`,
      );
      if (!good) break;
      best = rate;
    }
    return best;
  });
}

const databaseUrl = process.env["DATABASE_URL"] ?? "";
await migrateDatabase(databaseUrl);
const db = openDatabase({ url: databaseUrl, name: "bench-realtime" });
const cases: object[] = [];
const open: Record<string, () => Promise<Contender>> = {
  native: async () => openNative(db, await makeTenant(db)),
  bare: openBare,
  "socket.io": openSocketIo,
};
const best: Record<string, number> = {};
const p99s: Record<string, number> = {};
try {
  console.log(`${clients} clients, publish to client, ms:`);
  for (const [name, start] of Object.entries(open)) {
    const contender = await start();
    try {
      await withClients(contender, async (helper) => {
        for (const rate of rates) {
          const { p50Ms, p99Ms, complete } = await measure(contender, helper, rate, secondsEach);
          p99s[`${name} ${rate}`] = p99Ms;
          cases.push({ name: `${name} at ${rate}/s`, p50Ms, p99Ms, complete });
          console.log(
            `  ${name.padEnd(10)} ${rate}/s: p50 ${p50Ms.toFixed(1)}, p99 ${p99Ms.toFixed(1)}${complete ? "" : ", not complete"}`,
          );
        }
      });
      if (contender.kind !== "socket.io") best[name] = await ceiling(contender, ladders[contender.kind]);
    } finally {
      await contender.close();
    }
  }
  for (const rate of rates) {
    const ratio = (p99s[`native ${rate}`] ?? NaN) / (p99s[`bare ${rate}`] ?? NaN);
    cases.push({ name: `p99 at ${rate}/s, native to bare ws`, ratio });
    console.log(`p99 at ${rate}/s, native to bare ws: ${ratio.toFixed(2)} (aim: at most 1.5)`);
  }
  const ratio = (best["native"] ?? NaN) / (best["bare"] ?? NaN);
  cases.push({ name: "events/s to 1,000 clients, native to bare ws", ...best, ratio });
  console.log(
    `events/s to ${clients} clients: native ${best["native"]}, bare ws ${best["bare"]}: ${ratio.toFixed(1)} × (aim: 3)`,
  );
  const conditions = { clients, secondsEach, cpus: cpus().length, node: process.version };
  console.log(JSON.stringify({ bench: "realtime", cases, conditions }));
} finally {
  await db.close();
}
