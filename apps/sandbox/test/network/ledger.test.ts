import { expect, test } from "vitest";
import { Ledger } from "../../src/network/ledger.ts";

const arrival = (over: Partial<Parameters<Ledger["add"]>[0]> = {}) => ({
  to: "34611111111",
  fromAccount: "34600123456",
  messageId: "A",
  text: "hello",
  at: 1_000,
  ...over,
});

test("two ids with the same text for one recipient are a double, over any accounts", () => {
  const ledger = new Ledger();
  ledger.add(arrival());
  ledger.add(arrival({ messageId: "B", fromAccount: "34600999999" }));
  ledger.add(arrival({ messageId: "C", text: "something else" }));
  ledger.add(arrival({ messageId: "D", to: "34622222222" }));

  const { doubled, ...sums } = ledger.summary();

  expect(doubled).toEqual([
    { to: "34611111111", text_hash: expect.stringMatching(/^[0-9a-f]{16}$/), arrivals: 2 },
  ]);
  expect(sums).toEqual({
    recipients: 2,
    arrivals: 4,
    by_account: { "34600123456": 3, "34600999999": 1 },
  });
});

test("figures are exact at 100,000 arrivals, and pages cover each of them once", () => {
  const ledger = new Ledger();
  const recipients = 99_990;
  for (let i = 0; i < 100_000; i++) {
    const to = String(34_600_000_000 + (i % recipients));
    ledger.add(arrival({ messageId: `M${i}`, to, text: `Dear ${i % recipients}` }));
  }

  const seen = new Set<number>();
  for (let after = 0; ;) {
    const { total, entries } = ledger.list({ after, limit: 7_000 });
    expect(total).toBe(100_000);
    const last = entries.at(-1);
    if (last === undefined) break;
    for (const { seq } of entries) seen.add(seq);
    after = last.seq;
  }
  const { doubled, ...sums } = ledger.summary();

  expect(seen.size).toBe(100_000);
  expect(doubled).toHaveLength(10);
  expect(sums).toEqual({ recipients, arrivals: 100_000, by_account: { "34600123456": 100_000 } });
});

test("a list is narrowed by recipient, id and time", () => {
  const ledger = new Ledger();
  ledger.add(arrival());
  ledger.add(arrival({ messageId: "B", at: 2_000 }));
  ledger.add(arrival({ messageId: "C", to: "34622222222", at: 3_000 }));
  const ids = (query: object) =>
    ledger.list({ after: 0, limit: 10, ...query }).entries.map(({ messageId }) => messageId);

  expect(ids({ phone: "34611111111" })).toEqual(["A", "B"]);
  expect(ids({ messageId: "C" })).toEqual(["C"]);
  expect(ids({ since: 2_000 })).toEqual(["B", "C"]);
  expect(ids({ phone: "34611111111", since: 2_000 })).toEqual(["B"]);
});

test("a cleared ledger has forgotten everything and goes on counting", () => {
  const ledger = new Ledger();
  ledger.add(arrival());
  ledger.clear();

  expect(ledger.summary()).toEqual({ recipients: 0, arrivals: 0, doubled: [], by_account: {} });
  expect(ledger.find("34600123456", "A")).toBeUndefined();
  expect(ledger.add(arrival()).seq).toBe(2);
});
