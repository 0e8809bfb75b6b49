import { migrateDatabase, openDatabase, type Database } from "../src/index.ts";
import { addLastMinute, populate } from "../test/population.ts";

/** How long each view for admins takes to answer in full. MESSAGES and FAILED_SHARE set the size. */

const views = [
  "v_queue_depth",
  "v_stuck",
  "v_throughput_1m",
  "v_context_utilisation",
  "v_error_breakdown",
  "v_job_progress",
  "v_device_health",
];
const runs = 9;

async function measure(db: Database, view: string): Promise<{ ms: number; rows: number }> {
  const times: number[] = [];
  let rows = 0;
  for (let run = 0; run < runs; run++) {
    const startedAtMs = performance.now();
    rows = (await db.pool.query(`SELECT * FROM ${view}`)).rows.length;
    times.push(performance.now() - startedAtMs);
  }
  return { ms: times.sort((a, b) => a - b)[runs >> 1] ?? 0, rows };
}

async function report(db: Database, title: string): Promise<void> {
  console.log(`\n${title}`);
  for (const view of views) {
    const { ms, rows } = await measure(db, view);
    console.log(`  ${view.padEnd(24)} ${ms.toFixed(1).padStart(7)} ms  ${rows} rows`);
  }
}

const url = process.env["DATABASE_URL"];
if (!url) throw new Error("DATABASE_URL is not set");
const messages = Number(process.env["MESSAGES"] ?? 1_000_000);
const failedShare = Number(process.env["FAILED_SHARE"] ?? 0.1);
await migrateDatabase(url);
const db = openDatabase({ url, name: "bench" });
try {
  await populate(db, { messages, failedShare });
  await db.pool.query("VACUUM ANALYZE");
  // 500 messages a second.
  await addLastMinute(db, Math.min(25_000, messages / 10));
  await report(db, `${messages} messages, half of them claimed, ${failedShare * 100} % of those failed`);
} finally {
  await db.close();
}
