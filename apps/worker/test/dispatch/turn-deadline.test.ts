import type { ClaimedMessage, Outcome } from "@pregonero/db";
import { expect, test } from "vitest";
import type { Channel, OutgoingMessage, SendOutcome } from "../../src/channels/channel.ts";
import { deferred } from "../../src/browser/deferred.ts";
import { Lease } from "../../src/devices/lease.ts";
import { Contents } from "../../src/dispatch/content.ts";
import { OutcomeWriter } from "../../src/dispatch/outcome-writer.ts";
import { Turn } from "../../src/dispatch/turn.ts";
import { silentLog } from "../http/provider.ts";

const leaseMs = 2_000;

const message = (n: number): ClaimedMessage => ({
  messageId: `message-${n}`,
  jobId: "job",
  tenantId: 1,
  phone: `3460000000${n}`,
  text: "hello",
  variables: null,
  body: null,
  content: null,
  attempt: 1,
  maxAttempts: 3,
  providerMessageId: `claim-${n}`,
  laneClass: "bulk",
});

/** A turn over two claims; the call for the first ends when `answer` is resolved. */
function turnOfTwo() {
  const lease = new Lease({ deviceId: 1, workerId: "worker", epoch: 1 }, performance.now(), leaseMs);
  const answer = deferred<SendOutcome>();
  const sent: OutgoingMessage[] = [];
  const outcomes: Outcome[] = [];
  const waiting = [message(1), message(2)];
  const channel: Pick<Channel, "maxInFlight" | "send"> = {
    maxInFlight: 1,
    send: async (outgoing) => {
      sent.push(outgoing);
      return sent.length === 1 ? await answer.promise : { kind: "sent", ack: "sent" };
    },
  };
  const turn = new Turn({
    lease,
    channel: channel as Channel,
    store: {
      claim: async () => waiting.splice(0),
      confirm: async (ids) => new Set(ids),
      uncount: async () => undefined,
    },
    writer: new OutcomeWriter({
      apply: async (batch) => {
        outcomes.push(...batch);
        return [];
      },
      moved: async () => undefined,
      log: silentLog,
    }),
    pace: {
      limited: false,
      available: () => Number.POSITIVE_INFINITY,
      waitMs: () => 0,
      take: () => undefined,
      slowDown: () => undefined,
      toKeep: () => null,
      today: () => ({ day: "2026-01-01", cap: null }),
      recipientQuietMs: () => 0,
    },
    contents: new Contents(),
    log: silentLog,
    ended: () => undefined,
    turnMs: 10_000,
    settleMs: 1_000,
  });
  return { lease, answer, sent, outcomes, turn };
}

test("a claim is good until the end of the lease as it was then: renewing the lease does not make it longer", async () => {
  const { lease, answer, sent, turn } = turnOfTwo();
  const deadline = lease.validUntilMs - 500;
  const ran = turn.run(new AbortController().signal);
  while (sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
  lease.renewed(performance.now() + 60_000, leaseMs);
  answer.resolve({ kind: "sent", ack: "sent" });
  expect(await ran).toBe("drained");
  expect(sent.map(({ notAfterMs }) => notAfterMs)).toEqual([deadline, deadline]);
});

test("a claim that waited until its deadline goes back as it was, and the turn goes on", async () => {
  const { lease, answer, sent, outcomes, turn } = turnOfTwo();
  const ran = turn.run(new AbortController().signal);
  while (performance.now() < lease.validUntilMs) await new Promise((resolve) => setTimeout(resolve, 50));
  lease.renewed(performance.now(), 60_000);
  answer.resolve({ kind: "sent", ack: "sent" });
  expect(await ran).toBe("drained");
  expect(sent.map(({ providerMessageId }) => providerMessageId)).toEqual(["claim-1"]);
  while (outcomes.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(outcomes.find(({ providerMessageId }) => providerMessageId === "claim-2")).toMatchObject({
    state: "retrying",
    refund: true,
    dueMs: 0,
  });
});
