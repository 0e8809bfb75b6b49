import { cpus } from "node:os";
import { processesNaming } from "../test/browser/fleet-harness.ts";
import { startSampleSites } from "../test/scraping/sample-sites.ts";
import { Visitor } from "../test/scraping/visitor.ts";
import { BareCluster } from "./scraping/bare-cluster.ts";

/*
 * Websites per second, against bare puppeteer-cluster (CONCURRENCY_CONTEXT, default flags) that does the same visits: a
 * fresh context for each, load, read, both pictures. Rounds of both alternate, so that whatever else the machine does
 * hits both alike. Ours has its guarded proxies in between, bare goes to the sites directly.
 */

const rounds = Number(process.env["ROUNDS"] ?? 4);
const visitsPerRound = 16;
const slots = 4;

const chromiumPath = process.env["PUPPETEER_EXECUTABLE_PATH"] ?? "/usr/bin/chromium";

const names = ["bakery", "clinic", "news", "redirects"];
const urls = Array.from(
  { length: visitsPerRound },
  (_, n) =>
    `https://${n % 2 === 0 ? (names[(n / 2) % names.length] ?? "bakery") : `site-${n}`}.sandbox.test/`,
);

/** Pages per second. */
async function rateOf(visit: (url: string) => Promise<unknown>, given: readonly string[]): Promise<number> {
  const startedAtMs = performance.now();
  await Promise.all(given.map((url) => visit(url)));
  return (given.length * 1_000) / (performance.now() - startedAtMs);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 100) / 100;

await using sites = await startSampleSites();
const config = { max_link_checks: 0, respect_robots: false, timeout_ms: 60_000 };
const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
const memory: { ours: number; bare: number } = { ours: 0, bare: 0 };
{
  await using visitor = await Visitor.open({
    chromiumPath,
    hostMap: [sites.hostMap],
    fleet: { slots, spares: 2, recycleAfter: 1_000 },
  });
  await using bare = await BareCluster.open({ chromiumPath, port: sites.port, slots });
  const ourVisit = (url: string): Promise<unknown> => visitor.visit(url, config);
  const bareVisit = (url: string): Promise<unknown> => bare.visit(url);
  // Not counted: the first visits start what is started once.
  await rateOf(ourVisit, urls.slice(0, slots));
  await rateOf(bareVisit, urls.slice(0, slots));
  for (let round = 0; round < rounds; round++) {
    rates.ours.push(await rateOf(ourVisit, urls));
    rates.bare.push(await rateOf(bareVisit, urls));
  }
  const held = "https://site-1.sandbox.test/";
  const perContext = (one: number, all: number): number => Math.round((all - one) / (slots - 1));
  memory.ours = perContext(await visitor.memoryWith(1, held), await visitor.memoryWith(slots, held));
  memory.bare = perContext(await bare.memoryWith(1, held), await bare.memoryWith(slots, held));
}
const left = (await processesNaming("pregonero-scraping-")).filter(({ commandLine }) =>
  commandLine.includes(`pregonero-scraping-${process.pid}-`),
);
const [ours, reference] = [median(rates.ours), median(rates.bare)];
console.log(
  `visits of the sample websites    ours ${ours.toFixed(2)}/s    bare ${reference.toFixed(2)}/s    ${(ours / reference).toFixed(2)} x`,
);
console.log(`memory of one more context       ours ${memory.ours} MB    bare ${memory.bare} MB`);
console.log(`processes of our browsers left   ${left.length}`);
console.log(
  JSON.stringify({
    bench: "scraping",
    cases: [
      {
        name: "visits",
        ours: rounded(ours),
        reference: rounded(reference),
        unit: "pages/s",
        ratio: rounded(ours / reference),
      },
      {
        name: "memory of a context",
        ours: memory.ours,
        reference: memory.bare,
        unit: "MB",
        ratio: rounded(memory.ours / memory.bare),
      },
      { name: "processes left", ours: left.length, unit: "processes" },
    ],
    conditions: {
      rounds,
      visitsPerRound,
      slots,
      cpus: cpus().length,
      cpu: cpus()[0]?.model ?? "unknown",
      node: process.version,
    },
  }),
);
if (left.length > 0) process.exitCode = 1;
