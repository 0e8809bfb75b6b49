import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLocalStack, readStackEnv } from "@pregonero/local-stack";
import type { TestProject } from "vitest/node";
import "./provided-context.ts";

/** One Postgres, one Redis and one migrated template database for the whole run. Returns what ends them. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), "pregonero-test-"));
  // Servers that the developer works with are left alone: tests drop databases and flush Redis.
  const env = { ...readStackEnv(), databaseUrl: undefined, redisUrl: undefined };
  const stack = await openLocalStack({ dir, durable: false, env });
  const tearDown = async (): Promise<void> => {
    await stack.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const db: Record<string, unknown> = await import("@pregonero/db");
    if (typeof db["migrateDatabase"] === "function") await db["migrateDatabase"](stack.databaseUrl);
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
