import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDatabase } from "@pregonero/db";
import { openLocalStack, readStackEnv, stackOwner } from "@pregonero/local-stack";
import type { TestProject } from "vitest/node";
import "./provided-context.ts";

const prefix = "pregonero-test-";
// Younger than this it may be that of a run that has not taken its lock yet.
const youngMs = 60_000;

/** A run that is interrupted cannot tidy up: the next one does, or 60 MB stay behind each time. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const dir = join(tmpdir(), name);
    if (!name.startsWith(prefix) || (await stackOwner(dir)) !== undefined) continue;
    const made = await stat(dir).catch(() => undefined);
    if (made && Date.now() - made.mtimeMs > youngMs) {
      // Another user's is that user's to remove.
      await rm(dir, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** One Postgres, one Redis and one migrated template database for the whole run. Returns what ends them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftOvers();
  const dir = await mkdtemp(join(tmpdir(), prefix));
  // Servers that the developer works with are left alone: tests drop databases and flush Redis.
  const env = { ...readStackEnv(), databaseUrl: undefined, redisUrl: undefined };
  const stack = await openLocalStack({ dir, durable: false, env });
  const tearDown = async (): Promise<void> => {
    await stack.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await migrateDatabase(stack.databaseUrl);
    const admin = new URL(stack.databaseUrl);
    project.provide("templateDatabase", admin.pathname.slice(1));
    admin.pathname = "/postgres";
    project.provide("databaseAdminUrl", admin.href);
    project.provide("redisUrl", stack.redisUrl);
    project.provide("chromiumPath", stack.chromiumPath);
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}
