import { expect, test } from "vitest";
import { applyOutcomes, cancelQueued, failHopelessJobs, readUnannouncedJobs } from "../src/index.ts";
import {
  claim,
  countersAndRecount,
  ended,
  makeDevice,
  makeJob,
  oneDevice,
  testDatabase,
} from "./fixtures.ts";

test("a job fails when every device that it was given to is deleted, and every message ends", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { tenantId, deviceId, lease } = await oneDevice(db);
  const other = await makeDevice(db, tenantId);
  const id = await makeJob(db, { tenantId, messages: 20, devices: [deviceId, other] });
  const [sent, retried, lost] = await claim(db, lease, 3);
  if (!sent || !retried || !lost) throw new Error("not claimed");
  await applyOutcomes(db, [ended("sent")(sent), ended("retrying")(retried)]);

  const remove = (device: number) =>
    db.pool.query("UPDATE devices SET deleted_at = now() WHERE id = $1", [device]);
  await remove(deviceId);
  expect(await failHopelessJobs(db)).toEqual([]);
  await remove(other);
  expect(await failHopelessJobs(db)).toEqual([id]);
  expect(await failHopelessJobs(db)).toEqual([]);
  expect((await readUnannouncedJobs(db)).map((job) => job.id)).toContain(id);

  while ((await cancelQueued(db, id, 5)) > 0);
  // The one under way ends by itself.
  await applyOutcomes(db, [ended("failed", { errorCode: "rejected" })(lost)]);
  const { counters, recount } = await countersAndRecount(db, id);
  expect(counters).toEqual(recount);
  expect(counters).toMatchObject({ sent: 1, failed: 1, cancelled: 18, sending: 0 });
  const job = await db.prisma.sendMessagesJob.findUniqueOrThrow({ where: { id } });
  expect(job).toMatchObject({
    status: "failed",
    statusReason: "every device that was to send it has been deleted",
  });
  expect(job.completedAt).not.toBeNull();
});

test("a job that any device may send waits for one to be linked", async () => {
  await using database = await testDatabase();
  const { db } = database;
  const { tenantId, deviceId } = await oneDevice(db);
  await makeJob(db, { tenantId, messages: 5 });
  await db.pool.query("UPDATE devices SET deleted_at = now() WHERE id = $1", [deviceId]);
  expect(await failHopelessJobs(db)).toEqual([]);
});
