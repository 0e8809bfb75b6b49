import { expect, test } from "vitest";
import { shareOf, type Submission } from "../../src/network/fault-rules.ts";
import { Faults } from "../../src/network/faults.ts";

const submission = (over: Partial<Submission> = {}): Submission => ({
  account: "34600123456",
  to: "34611111111",
  messageId: "A",
  ...over,
});

function faultsOf(patch: Readonly<Record<string, unknown>>): Faults {
  const faults = new Faults();
  faults.merge(patch);
  return faults;
}

test("by default every well-formed number exists except those that end in 0000", () => {
  const faults = new Faults();

  expect(faults.isRegistered("34611111111")).toBe(true);
  expect(faults.isRegistered("34611110000")).toBe(false);
  expect(faults.isRegistered("123")).toBe(false);
  expect(faults.verdict(submission())).toEqual({ kind: "pass" });
});

test("all conditions of a match must hold", () => {
  const faults = faultsOf({
    fail: [{ match: { to: "*1111", account: "34600123456" }, result: "ERROR_NETWORK" }],
  });

  expect(faults.verdict(submission()).kind).toBe("fail");
  expect(faults.verdict(submission({ to: "34611112222" })).kind).toBe("pass");
  expect(faults.verdict(submission({ account: "34600999999" })).kind).toBe("pass");
});

test("the nth match and the number of times are counted for each rule", () => {
  const nth = faultsOf({ fail: [{ match: { nth: 2 }, result: "ERROR_NETWORK" }] });
  const twice = faultsOf({ fail: [{ match: {}, times: 2, result: "ERROR_NETWORK" }] });
  const kinds = (faults: Faults) =>
    ["A", "B", "C"].map((id) => faults.verdict(submission({ messageId: id })).kind);

  expect(kinds(nth)).toEqual(["pass", "fail", "pass"]);
  expect(kinds(twice)).toEqual(["fail", "fail", "pass"]);
});

test("a rule that another one went before is not used up", () => {
  const faults = faultsOf({
    hang: [{ match: { nth: 1 }, arrives: true }],
    fail: [{ match: {}, times: 1, result: "ERROR_EXPIRED" }],
  });

  expect(faults.verdict(submission())).toEqual({ kind: "hang", arrives: true });
  expect(faults.verdict(submission({ messageId: "B" }))).toMatchObject({
    kind: "fail",
    result: "ERROR_EXPIRED",
  });
  expect(faults.verdict(submission({ messageId: "C" })).kind).toBe("pass");
});

test("a share takes about that many messages, and always the same ones", () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => `3EB0${index.toString(16)}`);
  const failed = (faults: Faults) =>
    ids.filter((messageId) => faults.verdict(submission({ messageId })).kind === "fail");
  const patch = { fail: [{ match: { share: 0.3 }, result: "ERROR_NETWORK" }] };

  const first = failed(faultsOf(patch));
  expect(first.length).toBeGreaterThan(2_800);
  expect(first.length).toBeLessThan(3_200);
  expect(failed(faultsOf(patch))).toEqual(first);
  expect(Math.max(...ids.map(shareOf))).toBeLessThan(1);
});

test("what was delivered in spite of the error stays in the outbox, other failures do not", () => {
  const lie = faultsOf({ fail: [{ match: {}, result: "ERROR_NETWORK", delivered: true }] });
  const honest = faultsOf({ fail: [{ match: {}, result: "ERROR_NETWORK" }] });

  expect(lie.verdict(submission())).toMatchObject({ delivered: true, keeps: "outbox" });
  expect(honest.verdict(submission())).toMatchObject({ delivered: false, keeps: "failed" });
});

test("a change replaces what it names, merges acks, and leaves the counts of other rules alone", () => {
  const faults = faultsOf({
    fail: [{ match: {}, times: 1, result: "ERROR_NETWORK" }],
    acks: { doubled: true },
  });
  faults.verdict(submission());
  faults.merge({ latency_ms: 5, acks: { late_ms: 7 } });

  expect(faults.verdict(submission({ messageId: "B" })).kind).toBe("pass");
  expect(faults.settings).toMatchObject({ latency_ms: 5, acks: { doubled: true, late_ms: 7 } });
  faults.reset();
  expect(faults.settings).toMatchObject({ latency_ms: 0, fail: [], acks: { doubled: false, late_ms: 0 } });
});

test("a change that is not valid changes nothing", () => {
  const faults = new Faults();

  expect(() => faults.merge({ latency_ms: 5, read_share: 2 })).toThrow(/read_share/);
  expect(() => faults.merge({ unregistered: ["/(/"] })).toThrow(/regular expression/);
  expect(() => faults.merge({ latnecy_ms: 5 })).toThrow(/latnecy_ms/);
  expect(faults.settings.latency_ms).toBe(0);
});

test("latency lies between its bounds", () => {
  const faults = faultsOf({ latency_ms: { min: 10, max: 20 } });
  const latencies = Array.from({ length: 1_000 }, () => faults.latencyMs());

  expect(Math.min(...latencies)).toBeGreaterThanOrEqual(10);
  expect(Math.max(...latencies)).toBeLessThanOrEqual(20);
});
