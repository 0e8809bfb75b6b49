import { uuidv7 } from "@pregonero/db";
import { expect, test } from "vitest";

test("ids are UUIDs of version 7, differ, and grow", () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, () => uuidv7());
  for (const id of ids)
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.every((id, n) => n === 0 || id > (ids[n - 1] ?? ""))).toBe(true);
  const time = Number.parseInt((ids[0] ?? "").replaceAll("-", "").slice(0, 12), 16);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThan(before + 60_000);
});
