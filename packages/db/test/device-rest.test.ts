import { capOfDay, dayIn, quietForMs } from "@pregonero/domain";
import { describe, expect, test } from "vitest";
import type { Database } from "../src/index.ts";
import { testDatabase } from "./fixtures.ts";
import { readRows, smallWorld } from "./small-world.ts";

/** Why the one device of the world rests, with the instant of the database's clock at which it was asked. */
async function restWith(db: Database, pacing: object): Promise<{ rest: string | null; now: Date }> {
  await db.pool.query("UPDATE devices SET pacing = $1", [JSON.stringify(pacing)]);
  const [row] = await readRows(db, "SELECT device_rest(d) AS rest, now() AS now FROM devices d");
  return row as { rest: string | null; now: Date };
}

/** `HH:MM` on the zone's clock. */
const clockAt = (zone: string, at: Date) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);

const hourMs = 3_600_000;

describe("a device rests in SQL when the worker lets it rest", () => {
  test("quiet hours, also over midnight and in another zone", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await smallWorld(db);
    for (const zone of ["UTC", "America/Bogota", "Asia/Kolkata"]) {
      for (const [fromH, toH] of [
        [-1, 1],
        [-1, 20],
        [-13, 2],
        [1, 2],
        [-2, -1],
        [0, 0],
      ] as const) {
        const clock = (hours: number) => clockAt(zone, new Date(Date.now() + hours * hourMs));
        const quiet = { from: clock(fromH), to: clock(toH) };
        const { rest, now } = await restWith(db, {
          quiet_hours: { ...quiet, of: "device" },
          time_zone: zone,
        });
        const leftMs = quietForMs(quiet, zone, now);
        const until = new Date(now.getTime() + leftMs).toISOString().slice(0, 19).replace("T", " ");
        expect(rest).toBe(leftMs > 0 ? `quiet hours until ${until} UTC` : null);
      }
    }
  });

  test("quiet hours of recipients are not the device's", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await smallWorld(db);
    const quiet = { from: "00:00", to: "23:59", of: "recipient" };
    expect((await restWith(db, { quiet_hours: quiet })).rest).toBeNull();
  });

  test("daily cap and warm-up", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await smallWorld(db);
    const zone = "Asia/Kolkata";
    for (const days of [0, 1, 3, 40, 4_000]) {
      await db.pool.query(
        "UPDATE devices SET linked_at = now() - $1 * interval '1 day' - interval '1 minute'",
        [days],
      );
      for (const limits of [
        { dailyCap: 500 },
        { warmUp: { firstDay: 100, factor: 1.15 } },
        { dailyCap: 150, warmUp: { firstDay: 100, factor: 1.5 } },
      ]) {
        const { dailyCap, warmUp } = limits;
        const pacing = {
          time_zone: zone,
          ...(dailyCap === undefined ? {} : { daily_cap: dailyCap }),
          ...(warmUp === undefined ? {} : { warm_up: { first_day: warmUp.firstDay, factor: warmUp.factor } }),
        };
        const cap = capOfDay(limits, days) ?? Infinity;
        for (const [claimed, rest] of [
          [cap - 1, null],
          [cap, cap < 2_000_000_000 ? `daily cap of ${cap} reached` : null],
        ] as const) {
          await db.pool.query(
            `INSERT INTO device_days SELECT id, $1, $2 FROM devices
             ON CONFLICT (device_id, day) DO UPDATE SET claimed = excluded.claimed`,
            [dayIn(zone, new Date()), claimed],
          );
          expect([days, pacing, (await restWith(db, pacing)).rest]).toEqual([days, pacing, rest]);
        }
      }
    }
  });

  test("a zone that the database does not know breaks no view", async () => {
    await using database = await testDatabase();
    const { db } = database;
    await smallWorld(db);
    await restWith(db, { daily_cap: 1, time_zone: "Nowhere/Land" });
    expect(await readRows(db, "SELECT * FROM v_stuck")).toEqual([]);
  });
});
