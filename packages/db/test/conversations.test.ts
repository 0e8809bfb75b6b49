import { expect, test } from "vitest";
import { listChatMessages, type Database } from "../src/index.ts";
import { makeDevice, makeJob, makeTenant, testDatabase } from "./fixtures.ts";

interface Plan {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Actual Rows": number;
  readonly Plans?: readonly Plan[];
}

/** Each node of a plan that reads a table. */
function scansOf(plan: Plan): Plan[] {
  const own = plan["Relation Name"] === undefined ? [] : [plan];
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)];
}

/** The plan of the statement that the work sends, run for real. */
async function planOf(db: Database, work: (db: Pick<Database["pool"], "query">) => Promise<unknown>) {
  let plan: Plan | undefined;
  const query = async (given: { text: string; values: unknown[] }) => {
    const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${given.text}`;
    const { rows } = await db.pool.query<{ "QUERY PLAN": { Plan: Plan }[] }>(text, given.values);
    plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
    return { rows: [] };
  };
  await work({ query } as unknown as Database["pool"]);
  if (!plan) throw new Error("no plan");
  return plan;
}

test("a page of a history is a walk along one index, however long the history and the others are", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const tenantId = await makeTenant(db);
  const device = await makeDevice(db, tenantId);
  const jobId = await makeJob(db, { tenantId, messages: 60_000, devices: [device] });
  // Three thousand messages to one number, among those to others.
  await db.pool.query(
    `INSERT INTO chat_entries (device_id, phone, at, id, origin)
     SELECT $1, CASE WHEN seq % 20 = 0 THEN '34600000000' ELSE phone END, now() - seq * interval '1 second', id, 'campaign'
     FROM messages WHERE job_id = $2`,
    [device, jobId],
  );
  await db.pool.query("VACUUM ANALYZE chat_entries, messages, send_messages_jobs");
  const conversation = { id: crypto.randomUUID(), device_id: device, phone: "34600000000" };
  const page = await listChatMessages(db.pool, conversation, { limit: 50 });
  expect(page.items).toHaveLength(50);
  for (const cursor of [undefined, page.next_cursor ?? undefined]) {
    const plan = await planOf(db, (same) => listChatMessages(same, conversation, { limit: 50, cursor }));
    const scans = scansOf(plan);
    const walk = scans.find((scan) => scan["Relation Name"] === "chat_entries");
    expect(walk?.["Index Name"]).toBe("chat_entries_pkey");
    expect(walk?.["Actual Rows"]).toBe(51);
    const lookUp = scans.find((scan) => scan["Relation Name"] === "messages");
    expect(lookUp).toMatchObject({ "Node Type": "Index Scan", "Index Name": "messages_pkey" });
  }
});
