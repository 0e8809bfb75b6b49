import { afterAll, beforeAll } from "vitest";
import { startTestApi, type TestApi } from "./api.ts";

/** One app for all tests of a file. */
export function testApi(env: Record<string, string> = {}): () => TestApi {
  let api: TestApi | undefined;
  beforeAll(async () => {
    api = await startTestApi(env);
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
  });
  return () => {
    if (!api) throw new Error("the app has not started");
    return api;
  };
}
