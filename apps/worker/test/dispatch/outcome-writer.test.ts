import type { MovedMessage, Outcome } from "@pregonero/db";
import { createLogger } from "@pregonero/runtime";
import { expect, test } from "vitest";
import { OutcomeWriter } from "../../src/dispatch/outcome-writer.ts";

const log = createLogger({ service: "test", level: "error", file: null });
const outcome = (id: string, state: Outcome["state"]): Outcome => ({
  providerMessageId: id,
  state,
  at: new Date(0),
});

function writer(apply: (batch: readonly Outcome[]) => Promise<MovedMessage[]>) {
  return new OutcomeWriter({ apply, moved: () => Promise.resolve(), log, gatherMs: 1 });
}

test("of two outcomes of one claim the further one is written, whatever their order", async () => {
  const batches: Outcome[][] = [];
  const subject = writer(async (batch) => {
    batches.push([...batch]);
    return [];
  });
  subject.write(outcome("a", "delivered"));
  subject.write(outcome("a", "sent"));
  subject.write(outcome("b", "sent"));
  subject.write(outcome("b", "read"));
  await subject.flush();
  expect(batches.flat().map(({ providerMessageId, state }) => [providerMessageId, state])).toEqual([
    ["a", "delivered"],
    ["b", "read"],
  ]);
});

test("outcomes survive a database that is away, and are owned until they are committed", async () => {
  let away = true;
  const written: string[] = [];
  const subject = writer(async (batch) => {
    if (away) throw new Error("the database is away");
    written.push(...batch.map(({ providerMessageId }) => providerMessageId));
    return [];
  });
  subject.write(outcome("a", "sent"));
  await new Promise((resolve) => setTimeout(resolve, 30));
  subject.write(outcome("b", "sent"));
  expect([...subject.owned()].sort()).toEqual(["a", "b"]);
  away = false;
  await subject.flush();
  expect(written).toEqual(["a", "b"]);
  expect(subject.owned().size).toBe(0);
});
