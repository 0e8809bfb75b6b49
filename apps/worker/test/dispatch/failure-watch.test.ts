import type { MovedMessage } from "@pregonero/db";
import { expect, test } from "vitest";
import { FailureWatch } from "../../src/dispatch/failure-watch.ts";

const moved = (to: "sent" | "failed", count: number): MovedMessage[] =>
  Array.from({ length: count }, () => ({
    messageId: "m",
    jobId: "job",
    tenantId: 1,
    deviceId: 1,
    phone: "34600000000",
    providerMessageId: "p",
    from: "sending",
    to,
    errorCode: null,
    attempt: 1,
    jobCompleted: false,
  }));

function watch(autoPause: unknown) {
  const paused: string[] = [];
  let nowMs = 0;
  const failures = new FailureWatch({
    readAutoPause: () => Promise.resolve(autoPause),
    pause: (_jobId, reason) => Promise.resolve(void paused.push(reason)),
    now: () => nowMs,
  });
  return { failures, paused, pass: (ms: number) => (nowMs += ms) };
}

test("pauses a job once more than its share has failed, with the reason", async () => {
  const { failures, paused } = watch({ failure_rate: 0.3, min_messages: 10 });
  await failures.moved([...moved("sent", 7), ...moved("failed", 2)]);
  expect(paused).toEqual([]);
  await failures.moved(moved("failed", 1));
  expect(paused).toEqual(["paused by itself: 3 of the last 10 messages failed (30 %, in 60 s)"]);
});

test("forgets what is older than the window", async () => {
  const { failures, paused, pass } = watch({ failure_rate: 0.5, min_messages: 10, window_s: 10 });
  await failures.moved(moved("failed", 9));
  pass(11_000);
  await failures.moved([...moved("failed", 2), ...moved("sent", 20)]);
  expect(paused).toEqual([]);
});

test("leaves a job alone that wants to be left alone", async () => {
  const { failures, paused } = watch({ enabled: false });
  await failures.moved(moved("failed", 1_000));
  expect(paused).toEqual([]);
});
