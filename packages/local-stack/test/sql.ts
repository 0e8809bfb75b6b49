// The product's access to Postgres is packages/db; these tests are about the server below it.
// oxlint-disable-next-line no-restricted-imports
import pg from "pg";

/** Runs one statement on a connection of its own; every row is the array of its values. */
export async function sql(url: string, statement: string): Promise<unknown[][]> {
  const client = new pg.Client({ connectionString: url });
  // A server that is killed is told here as well as by the query.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<unknown[]>({ text: statement, rowMode: "array" });
    return rows;
  } finally {
    await client.end();
  }
}
