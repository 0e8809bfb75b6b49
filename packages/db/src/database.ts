import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { PrismaClient } from "./generated/client.ts";

/**
 * One pool for both ways to Postgres: Prisma for everyday queries, `pg` for bulk work (COPY, UNNEST) and for the SQL
 * functions that move messages. Stores of this package take it as their first argument; nothing outside sees it inside.
 */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly maxConnections?: number;
  /**
   * After so long without an answer a query rejects and its connection is given up, ms: a network that fails in silence
   * must not hold a loop for ever. Default: never.
   */
  readonly queryTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

/** COUNT and SUM come back as bigint strings; ours fit in a double. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
};

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    ...(options.queryTimeoutMs === undefined ? {} : { query_timeout: options.queryTimeoutMs }),
    // jit: short queries over tables that were just filled: compiling them takes a second and saves nothing.
    // synchronous_commit: a claim that a crash of Postgres takes back is sent a second time, whatever the server's
    // default saves by it.
    options: "-c jit=off -c synchronous_commit=on",
    types,
  });
  // A connection that is cut while it is idle, or in somebody's hands between two queries, tells it by an event: without
  // a listener that ends the process. The pool drops it, or whoever has it meets the error at the next query.
  pool.on("connect", (client) => client.on("error", (error) => options.onError?.(error)));
  pool.on("error", () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) });
  return {
    prisma,
    pool,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/**
 * Runs `work` in one transaction of the pool: committed when it resolves, rolled back when it rejects.
 * @param begin what begins it; settings of the transaction may follow, to save a trip
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  begin = "BEGIN",
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    const broken = await client.query("ROLLBACK").then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}
