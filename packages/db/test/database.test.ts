import { openDatabase } from "@pregonero/db";
import pg from "pg";
import { expect, inject, test } from "vitest";

const setting = "SELECT current_setting('synchronous_commit') AS value";

test("a commit is on disk when it is answered, even where the server's default is not to wait", async () => {
  const url = inject("databaseAdminUrl");
  const bare = new pg.Client({ connectionString: url });
  await bare.connect();
  const db = openDatabase({ url, name: "test" });
  try {
    expect((await bare.query(setting)).rows).toEqual([{ value: "off" }]);
    expect((await db.pool.query(setting)).rows).toEqual([{ value: "on" }]);
  } finally {
    await bare.end();
    await db.close();
  }
});

test("a connection that is cut in somebody's hands between two queries ends that query and not the process", async () => {
  const told: Error[] = [];
  const db = openDatabase({
    url: inject("databaseAdminUrl"),
    name: "test",
    onError: (error) => told.push(error),
  });
  try {
    const client = await db.pool.connect();
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const cut = new Promise((resolve) => client.once("end", resolve));
    await db.pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
    await cut;
    expect(told.map(({ message }) => message)).toContain(
      "terminating connection due to administrator command",
    );
    await expect(client.query("SELECT 1")).rejects.toThrow(/not queryable|terminat/);
    client.release(true);
    expect((await db.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await db.close();
  }
});
