import { describe, expect, test } from "vitest";
import { judge, type JobRow, type MessageRow, type View } from "../src/observer/judge.ts";

const jobId = "job";
const phones = ["34600000001", "34600000002", "34600000003"];

const row = (phone: string, more: Partial<MessageRow> = {}): MessageRow => ({
  jobId,
  phone,
  state: "read",
  settling: false,
  deviceId: 1,
  why: "attempt 1",
  ...more,
});

const job = (counters: Record<string, number> = {}, lanes: Record<string, number> = {}): JobRow => ({
  id: jobId,
  status: "completed",
  total: 3,
  counters: { sent: 3, delivered: 3, read: 3, ...counters },
  lanes: { "1 sent": 3, "1 failed": 0, "1 unknown": 0, ...lanes },
});

const world = (changes: Partial<View> = {}): View => ({
  promised: [{ jobId, kind: "wablas", phones }],
  messages: phones.map((phone) => row(phone)),
  jobs: [job()],
  arrivals: phones.map((to) => ({ to })),
  ...changes,
});

const withRow = (changed: Partial<MessageRow>): readonly MessageRow[] => [
  row("34600000001", changed),
  row("34600000002"),
  row("34600000003"),
];

const others = [{ to: "34600000002" }, { to: "34600000003" }];
const oneLess = { sent: 2, delivered: 2, read: 2 };

test("a world in which every promise held has nothing to find", () => {
  expect(judge(world())).toEqual({ promised: 3, lost: [], doubled: [], unknown: 0, failed: 0, wrong: [] });
});

describe("lost is", () => {
  test("a message whose row says that it was sent, and that never arrived", () => {
    expect(judge(world({ arrivals: others })).lost).toEqual(["wablas: 34600000001 is read, not arrived"]);
  });

  test("a number that was promised and has no row", () => {
    const verdict = judge(world({ messages: [row("34600000002"), row("34600000003")], arrivals: others }));
    expect(verdict.lost).toEqual(["wablas: 34600000001 has no row"]);
    expect(verdict.wrong).toContain("job job: total says 3, counted 2");
  });

  test.each(["queued", "sending", "retrying"] as const)("a message that is %s for ever", (state) => {
    const counters = { ...oneLess, sending: state === "sending" ? 1 : 0 };
    const verdict = judge(
      world({ messages: withRow({ state }), jobs: [job(counters, { "1 sent": 2 })], arrivals: others }),
    );
    expect(verdict.lost).toEqual([`wablas: 34600000001 is still ${state} (attempt 1)`]);
    expect(verdict.wrong).toEqual([]);
  });
});

test("doubled is a number that has its message twice", () => {
  expect(
    judge(world({ arrivals: [{ to: "34600000001" }, { to: "34600000001" }, ...others] })).doubled,
  ).toEqual(["wablas: 34600000001 arrived 2 times"]);
});

describe("unknown", () => {
  const unknown = (kind: "wablas" | "whatsapp_web", arrivals: View["arrivals"]): View =>
    world({
      promised: [{ jobId, kind, phones }],
      messages: withRow({ state: "unknown" }),
      jobs: [job({ ...oneLess, unknown: 1 }, { "1 sent": 2, "1 unknown": 1 })],
      arrivals,
    });

  test("is no finding where nobody could see the outcome", () => {
    expect(judge(unknown("wablas", others))).toMatchObject({ unknown: 1, lost: [], wrong: [] });
  });

  test("is one when the message arrived, which the webhook tells", () => {
    const { wrong } = judge(unknown("wablas", [{ to: "34600000001" }, ...others]));
    expect(wrong).toEqual(["wablas: 34600000001 is unknown, and arrived: it could be known"]);
  });

  test("is one for WhatsApp Web, whose own store can be asked", () => {
    expect(judge(unknown("whatsapp_web", others)).wrong).toEqual([
      "whatsapp_web: 34600000001 is unknown for good",
    ]);
  });
});

test.each(["failed", "cancelled", "skipped"] as const)(
  "a message that is %s and arrived is found",
  (state) => {
    const jobs = [
      job({ ...oneLess, [state]: 1 }, { "1 sent": 2, ...(state === "failed" ? { "1 failed": 1 } : {}) }),
    ];
    expect(judge(world({ messages: withRow({ state }), jobs })).wrong).toEqual([
      `wablas: 34600000001 is ${state}, and arrived`,
    ]);
  },
);

test.each([
  [{ sent: 2 }, {}, "sent says 2, counted 3"],
  [{ failed: 1 }, {}, "failed says 1, counted 0"],
  [{ read: 4 }, {}, "read says 4, counted 3"],
  [{ settling: 1 }, {}, "settling says 1, counted 0"],
  [{}, { "1 sent": 4 }, "lane of device 1 sent says 4, counted 3"],
])("a counter that is not its recount is found: %j %j", (counters, lanes, finding) => {
  expect(judge(world({ jobs: [job(counters, lanes as Record<string, number>)] })).wrong).toEqual([
    `job job: ${finding}`,
  ]);
});

test("a message that nobody ordered is found", () => {
  const arrivals = [...phones.map((to) => ({ to })), { to: "34999999999" }];
  expect(judge(world({ arrivals })).wrong).toEqual(["34999999999 got a message that nobody ordered"]);
});
