import type { JobChanged, JobProgress, MessagesMoved } from "@pregonero/contracts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobFact } from "../../src/realtime/jobs/job-fact.ts";
import { JobTracker } from "../../src/realtime/jobs/job-tracker.ts";

const id = "00000000-0000-4000-8000-000000000000";

function progress(part: Partial<JobProgress>): JobProgress {
  return {
    id,
    tenantId: 1,
    status: "running",
    statusReason: null,
    total: 100,
    sending: 0,
    sent: 0,
    delivered: 0,
    read: 0,
    failed: 0,
    cancelled: 0,
    skipped: 0,
    unknown: 0,
    settling: 0,
    devicesUsed: 1,
    ...part,
  };
}

type State = MessagesMoved["items"][number]["state"];

function moved(job: JobProgress, ...changes: readonly (readonly [from: State, to: State])[]): MessagesMoved {
  const items = changes.map(([from, state], index) => ({
    messageId: id,
    deviceId: 1,
    phone: `3460000000${index}`,
    from,
    state,
    errorCode: null,
  }));
  return { type: "messages", jobId: id, items, job };
}

const changed = (previous: JobChanged["previous"], job: JobProgress): JobChanged => ({
  type: "job",
  previous,
  job,
});
const kinds = (facts: readonly JobFact[]) => facts.map(({ kind }) => kind);
const sentOf = (facts: readonly JobFact[]) => facts.map(({ figures }) => figures.sent);

/** A run of messages in commits of several workers: who announces reads the counters some commits later. */
const runArbitrary = fc
  .record({
    commits: fc.array(fc.array(fc.constantFrom<State>("sent", "failed"), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 12,
    }),
    readAfter: fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }),
    delay: fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }),
    lost: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    snapshotAt: fc.nat(12),
  })
  .map(({ commits, readAfter, delay, lost, snapshotAt }) => {
    const total = commits.flat().length;
    let sent = 0;
    let failed = 0;
    const rows = commits.map((states) => {
      sent += states.filter((state) => state === "sent").length;
      failed += states.length - states.filter((state) => state === "sent").length;
      return progress({ total, sent, failed, status: sent + failed === total ? "completed" : "running" });
    });
    const last = rows.length - 1;
    const rowAfter = (commit: number) => rows[Math.min(commit, last)] ?? progress({ total });
    const events = commits
      .map((states, commit) => ({
        at: commit + (delay[commit] ?? 0),
        lost: lost[commit] ?? false,
        commit,
        event: moved(
          rowAfter(commit + (readAfter[commit] ?? 0)),
          ...states.map((state) => ["sending", state] as const),
        ),
      }))
      .toSorted((a, b) => a.at - b.at);
    const snapshot = snapshotAt === 0 ? progress({ total, status: "pending" }) : rowAfter(snapshotAt - 1);
    return { total, events, snapshot, end: rowAfter(last), from: snapshotAt };
  });

function expectOneByOne(facts: readonly JobFact[]): void {
  let before = 0;
  for (const { figures } of facts) {
    expect(figures.percentage).toBeGreaterThanOrEqual(before);
    before = figures.percentage;
  }
}

describe("whatever the order of events", () => {
  test("each frame counts one up, nothing is told twice, and the end comes once and last", () => {
    fc.assert(
      fc.property(runArbitrary, ({ events, snapshot, end, total }) => {
        const tracker = new JobTracker(snapshot);
        const facts = tracker.present();
        const start = facts.at(-1)?.figures ?? { sent: 0, failed: 0 };
        for (const { event } of events) facts.push(...tracker.messagesMoved(event));
        facts.push(...tracker.jobChanged(changed("running", end)));
        facts.push(...tracker.settle(tracker.known));

        const steps = facts.filter(({ kind }) => kind === "message_sent" || kind === "message_failed");
        let shown = start.sent + start.failed;
        for (const { figures } of steps) {
          expect(figures.sent + figures.failed).toBe((shown += 1));
        }
        expect(shown).toBe(total);
        expectOneByOne(facts);
        expect(kinds(facts).filter((kind) => kind === "completed")).toHaveLength(1);
        expect(facts.at(-1)).toMatchObject({
          kind: "completed",
          figures: { sent: end.sent, failed: end.failed },
        });
        expect(kinds(facts)).not.toContain("caught_up");
      }),
      { numRuns: 2_000 },
    );
  });

  test("lost events cost their own frames and nothing else: figures never go back and end at the truth", () => {
    fc.assert(
      fc.property(runArbitrary, fc.nat(14), ({ events, snapshot, end }, settleAt) => {
        const tracker = new JobTracker(snapshot);
        const facts = tracker.present();
        for (const [index, { event, lost }] of events.entries()) {
          if (!lost) facts.push(...tracker.messagesMoved(event));
          if (index === settleAt) facts.push(...tracker.settle(tracker.known));
        }
        facts.push(...tracker.rowRead(end, tracker.era));
        facts.push(...tracker.settle(tracker.known));
        facts.push(...tracker.jobChanged(changed("running", end)));

        for (const [index, { figures }] of facts.entries()) {
          const before = facts[index - 1]?.figures;
          if (before) expect(figures.sent).toBeGreaterThanOrEqual(before.sent);
          if (before) expect(figures.failed).toBeGreaterThanOrEqual(before.failed);
        }
        expect(kinds(facts).filter((kind) => kind === "completed")).toHaveLength(1);
        expect(facts.at(-1)).toMatchObject({
          kind: "completed",
          figures: { sent: end.sent, failed: end.failed },
        });
      }),
      { numRuns: 2_000 },
    );
  });
});

test("what the row that was read first includes is not told again", () => {
  const tracker = new JobTracker(progress({ sent: 5 }));
  expect(tracker.messagesMoved(moved(progress({ sent: 5 }), ["sending", "sent"]))).toEqual([]);
  expect(sentOf(tracker.messagesMoved(moved(progress({ sent: 6 }), ["sending", "sent"])))).toEqual([6]);
  expect(tracker.owes).toBe(false);
});

test("an event older than what is known is not taken for one that is still to come", () => {
  const tracker = new JobTracker(progress({ sent: 5 }));
  tracker.messagesMoved(moved(progress({ sent: 7 }), ["sending", "sent"]));
  expect(tracker.messagesMoved(moved(progress({ sent: 4 }), ["sending", "sent"]))).toEqual([]);
  tracker.settle(tracker.known);
  tracker.messagesMoved(moved(progress({ sent: 9 }), ["sending", "sent"]));
  expect(tracker.messagesMoved(moved(progress({ sent: 6 }), ["sending", "sent"]))).toEqual([]);
  expect(sentOf(tracker.messagesMoved(moved(progress({ sent: 9 }), ["sending", "sent"])))).toEqual([9]);
});

test("the percentage never goes back, also when an unknown outcome is looked into again", () => {
  const tracker = new JobTracker(progress({ sent: 10, unknown: 10 }));
  expect(tracker.present()).toMatchObject([{ figures: { percentage: 20 } }]);
  const facts = tracker.messagesMoved(
    moved(progress({ sent: 11, unknown: 10, settling: 8 }), ["sending", "sent"]),
  );
  expect(facts).toMatchObject([{ figures: { sent: 11, percentage: 20 } }]);
});

test("the end waits for messages whose events are still on the way", () => {
  const tracker = new JobTracker(progress({ sent: 98 }));
  const end = progress({ sent: 100, status: "completed" });
  expect(tracker.jobChanged(changed("running", end))).toEqual([]);
  const facts = tracker.messagesMoved(moved(end, ["sending", "sent"], ["sending", "sent"]));
  expect(kinds(facts)).toEqual(["message_sent", "message_sent", "completed"]);
});

test("an end whose messages' events are lost comes after one step that makes up for them", () => {
  const tracker = new JobTracker(progress({ sent: 98 }));
  expect(tracker.jobChanged(changed("running", progress({ sent: 100, status: "completed" })))).toEqual([]);
  const facts = tracker.settle(tracker.known);
  expect(kinds(facts)).toEqual(["caught_up", "completed"]);
  expect(sentOf(facts)).toEqual([100, 100]);
});

test("a job that was never seen running is told to have started before it has ended", () => {
  const tracker = new JobTracker(progress({ status: "pending" }));
  const end = progress({ sent: 100, status: "completed" });
  expect(kinds(tracker.rowRead(end, tracker.era))).toEqual([]);
  expect(kinds(tracker.settle(tracker.known))).toEqual(["started", "caught_up", "completed"]);
});

test("late events neither undo a pause nor bring back a job that has ended", () => {
  const tracker = new JobTracker(progress({}));
  expect(kinds(tracker.jobChanged(changed("running", progress({ status: "paused" }))))).toEqual(["paused"]);
  expect(kinds(tracker.messagesMoved(moved(progress({ sent: 1 }), ["sending", "sent"])))).toEqual([
    "message_sent",
  ]);
  expect(kinds(tracker.jobChanged(changed("paused", progress({ sent: 1, status: "cancelled" }))))).toEqual([
    "cancelled",
  ]);
  expect(tracker.jobChanged(changed("pending", progress({ sent: 1 })))).toEqual([]);
  expect(tracker.rowRead(progress({ sent: 1 }), tracker.era - 1)).toEqual([]);
});

test("a message that was being sent when its job was cancelled is still told", () => {
  const tracker = new JobTracker(progress({}));
  tracker.jobChanged(changed("running", progress({ status: "cancelled", sending: 1 })));
  const facts = tracker.messagesMoved(moved(progress({ status: "cancelled", sent: 1 }), ["sending", "sent"]));
  expect(kinds(facts)).toEqual(["message_sent"]);
});

test("a late ack takes a failure back", () => {
  const tracker = new JobTracker(progress({ sent: 3, failed: 2 }));
  const facts = tracker.messagesMoved(moved(progress({ sent: 4, failed: 1 }), ["failed", "sent"]));
  expect(facts).toMatchObject([{ kind: "message_sent", figures: { sent: 4, failed: 1 } }]);
  expect(tracker.owes).toBe(false);
});

test("delivered and read are no news", () => {
  const tracker = new JobTracker(progress({ sent: 3 }));
  expect(tracker.messagesMoved(moved(progress({ sent: 3, delivered: 1 }), ["sent", "delivered"]))).toEqual(
    [],
  );
});

test("failed messages that an operator retries leave the figures, also when the event was lost", () => {
  const told = new JobTracker(progress({ failed: 3 }));
  told.jobChanged(changed("running", progress({ failed: 0 })));
  const facts = told.messagesMoved(moved(progress({ failed: 1 }), ["sending", "failed"]));
  expect(facts).toMatchObject([{ kind: "message_failed", figures: { failed: 1 } }]);

  const untold = new JobTracker(progress({ failed: 3 }));
  for (const round of [1, 2]) untold.rowRead(progress({ failed: 0, sending: round }), untold.era);
  expect(untold.present()).toMatchObject([{ kind: "started", figures: { failed: 0 } }]);
});
