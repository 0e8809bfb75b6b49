import type pg from "pg";
import { inTransaction, type Database } from "../database.ts";

/** A connection within a transaction. Stores that write take one, so that what belongs together commits together. */
export type Transaction = pg.PoolClient;

/** What only reads may as well run outside of a transaction. */
export type Queryable = Pick<pg.Pool, "query">;

/** Longest wait for a row that another request holds; beyond it the caller gets SQLSTATE 55P03. */
const lockTimeoutMs = 15_000;

/** Commits when `work` resolves, leaves nothing behind when it rejects. */
export async function transaction<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return await inTransaction(db.pool, work, `BEGIN; SET LOCAL lock_timeout = ${lockTimeoutMs}`);
}

/** Whether a statement gave up waiting for somebody else's lock. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === "55P03";
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === "23505";
}

function sqlState(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

const outageCodes =
  /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|EHOSTUNREACH|08...|57P0[123]|53300|P1\d{3}|P2024)$/;
/** What the driver says without a code. */
const outageMessages =
  /timeout exceeded when trying to connect|connection terminated|server closed the connection/i;

/** Whether the database could not be asked at all: another try may succeed. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlState(error);
  return (typeof code === "string" && outageCodes.test(code)) || outageMessages.test(error.message);
}
