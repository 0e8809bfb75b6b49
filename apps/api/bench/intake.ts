import { createApiKey, migrateDatabase, openDatabase, type Database } from "@pregonero/db";
import { copyMessagesBare, makeDevice, makeTenant, readMessagesAsCopy } from "@pregonero/db/testing";
import { freePort, startProcess } from "@pregonero/local-stack";
import { monotonicMs } from "@pregonero/runtime";
import { cpus } from "node:os";

/**
 * A campaign of 100,000 recipients: from the first byte of the CSV over HTTP to the answer, when every message is
 * stored. Beside it, in the same run, the least that it could cost: one COPY of the very same rows, ready made, into the
 * same table.
 */
const rows = 100_000;
const rounds = 7;

function makeCsv(): Blob {
  const lines = ["telefono,nombre,ciudad,pedido"];
  for (let n = 0; n < rows; n++)
    lines.push(`+34 6${String(n).padStart(8, "0")},Ana María ${n},Bogotá,P-${n * 7}`);
  return new Blob([lines.join("\n")]);
}

async function upload(url: string, key: string, csv: Blob): Promise<{ jobId: string; ms: number }> {
  const form = new FormData();
  form.set("name", "Bench");
  form.set("body", "Hola {{nombre}}, tu pedido {{pedido}} sale de {{ciudad|casa}}.");
  form.set("file", csv, "bench.csv");
  const startedMs = monotonicMs();
  const response = await fetch(`${url}/api/v1/campaigns`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: form,
  });
  const answer = (await response.json()) as { accepted: number; job: { id: string } };
  const ms = monotonicMs() - startedMs;
  if (answer.accepted !== rows)
    throw new Error(`stored ${answer.accepted} of ${rows}: ${JSON.stringify(answer)}`);
  return { jobId: answer.job.id, ms };
}

/** Each measurement starts from an empty table and an idle server. */
async function clear(db: Database): Promise<void> {
  await db.pool.query("TRUNCATE campaigns, send_messages_jobs, messages CASCADE");
  await db.pool.query("CHECKPOINT");
}

async function time(work: () => Promise<void>): Promise<number> {
  const startedMs = monotonicMs();
  await work();
  return monotonicMs() - startedMs;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function measure(db: Database, url: string, key: string): Promise<{ ours: number[]; bare: number[] }> {
  const csv = makeCsv();
  const ours: number[] = [];
  const bare: number[] = [];
  // The first round warms up both and is not counted.
  for (let round = 0; round <= rounds; round++) {
    await clear(db);
    const { jobId, ms } = await upload(url, key, csv);
    const text = await readMessagesAsCopy(db, jobId);
    await clear(db);
    const bareMs = await time(() => copyMessagesBare(db, text));
    if (round === 0) continue;
    ours.push(ms);
    bare.push(bareMs);
    console.log(`round ${round}: over HTTP ${ms.toFixed(0)} ms, bare COPY ${bareMs.toFixed(0)} ms`);
  }
  return { ours, bare };
}

function report(ours: number, bare: number, postgres: string): void {
  const rate = (ms: number): string => `${Math.round((rows / ms) * 1_000).toLocaleString("en")} rows/s`;
  console.log(`\n${rows.toLocaleString("en")} rows, medians of ${rounds} rounds`);
  console.log(`  CSV over HTTP to stored  ${ours.toFixed(0).padStart(6)} ms  ${rate(ours)}`);
  console.log(`  bare COPY                ${bare.toFixed(0).padStart(6)} ms  ${rate(bare)}`);
  console.log(`  ratio                    ${(ours / bare).toFixed(2).padStart(6)}     (aim: at most 3)\n`);
  const conditions = { rows, rounds, cpus: cpus().length, node: process.version, postgres };
  const result = { name: "csv_100k_to_stored", ours, reference: bare, unit: "ms", ratio: ours / bare };
  console.log(JSON.stringify({ bench: "intake", cases: [result], conditions }));
}

const databaseUrl = process.env["DATABASE_URL"] ?? "";
await migrateDatabase(databaseUrl);
const db = openDatabase({ url: databaseUrl, name: "bench-intake" });
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const api = await startProcess({
  name: "api",
  entry: "apps/api",
  env: { PORT: String(port), HOST: "127.0.0.1", AUTH: "required", LOG_FILE: "off", LOG_LEVEL: "warn" },
  ready: { url: `${url}/readyz` },
});
try {
  const tenantId = await makeTenant(db);
  await makeDevice(db, tenantId);
  const { key } = await createApiKey(db.pool, { tenantId, name: "bench", role: "operator" });
  const { ours, bare } = await measure(db, url, key);
  const { rows: version } = await db.pool.query<{ server_version: string }>("SHOW server_version");
  report(median(ours), median(bare), version[0]?.server_version ?? "");
} finally {
  await api.close();
  await db.close();
}
