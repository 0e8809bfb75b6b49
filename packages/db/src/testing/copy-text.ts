import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { inTransaction, type Database } from "../database.ts";

const columns = "id, tenant_id, job_id, seq, phone, variables, text";

/** The planned rows of a job's messages as COPY writes them. */
export async function readMessagesAsCopy(db: Database, jobId: string): Promise<Buffer> {
  const client = await db.pool.connect();
  try {
    const query = `COPY (SELECT ${columns} FROM messages WHERE job_id = '${jobId}' ORDER BY seq) TO STDOUT`;
    return await buffer(client.query(copyTo(query)));
  } finally {
    client.release();
  }
}

/** The least that storing messages can cost: one COPY of rows that are ready, in one transaction. */
export async function copyMessagesBare(db: Database, rows: Buffer): Promise<void> {
  const chunkBytes = 64 * 1_024;
  await inTransaction(db.pool, async (client) => {
    const chunks = function* (): Generator<Buffer> {
      for (let at = 0; at < rows.length; at += chunkBytes) yield rows.subarray(at, at + chunkBytes);
    };
    await pipeline(Readable.from(chunks()), client.query(copyFrom(`COPY messages (${columns}) FROM STDIN`)));
  });
}
