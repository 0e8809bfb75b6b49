import { describe, expect, test } from "vitest";
import { z } from "zod";
import { EnvError, envBool, envInt, envMs, parseEnv, redisUrlFrom } from "@pregonero/runtime";

const schema = z.object({
  PORT: envInt({ min: 0, max: 65_535, default: 8000 }),
  WORKERS: envInt({ min: 1 }),
  HEADLESS: envBool(true),
  LEASE_MS: envMs(15_000),
  JWT_SECRET: z.string().min(32).optional(),
  MODE: z.enum(["dev", "prod"]).default("dev"),
});

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    parseEnv(schema, env);
  } catch (error) {
    if (error instanceof EnvError) return error.problems;
  }
  throw new Error("the environment was accepted");
}

describe("parseEnv", () => {
  test("reads values and fills in defaults", () => {
    const env = parseEnv(schema, { WORKERS: " 3 ", HEADLESS: "No", LEASE_MS: "20" });
    expect(env).toEqual({ PORT: 8000, WORKERS: 3, HEADLESS: false, LEASE_MS: 20, MODE: "dev" });
  });

  test("takes an empty string for unset", () => {
    expect(parseEnv(schema, { WORKERS: "1", PORT: "", MODE: "", JWT_SECRET: "" })).toMatchObject({
      PORT: 8000,
      MODE: "dev",
    });
    expect(problemsOf({ WORKERS: "" })).toEqual(["WORKERS: is required"]);
  });

  test("names every mistake on a line of its own, with what was given", () => {
    const problems = problemsOf({ PORT: "abc", WORKERS: "0", HEADLESS: "maybe", LEASE_MS: "1e3" });
    expect(problems).toEqual([
      'PORT: must be an integer between 0 and 65535 (got "abc")',
      'WORKERS: must be an integer of at least 1 (got "0")',
      'HEADLESS: must be true or false (got "maybe")',
      'LEASE_MS: must be an integer between 0 and 2147483647 (got "1e3")',
    ]);
    expect(new EnvError(problems).message.split("\n")).toHaveLength(5);
  });

  test("never shows the value of a secret", () => {
    const [problem] = problemsOf({ WORKERS: "1", JWT_SECRET: "hunter2" });
    expect(problem).toMatch(/^JWT_SECRET: /);
    expect(problem).not.toContain("hunter2");
  });
});

describe("redisUrlFrom", () => {
  test("prefers REDIS_URL", () => {
    expect(redisUrlFrom({ REDIS_URL: "rediss://cache:1", REDIS_HOST: "other" })).toBe("rediss://cache:1");
  });

  test("composes the parts and escapes the password", () => {
    const env = { REDIS_HOST: "cache", REDIS_PORT: "6380", REDIS_PASSWORD: "p@ss/word", REDIS_DB: "2" };
    expect(redisUrlFrom(env)).toBe("redis://:p%40ss%2Fword@cache:6380/2");
    expect(redisUrlFrom({ REDIS_HOST: "::1" })).toBe("redis://[::1]:6379/0");
    expect(redisUrlFrom({ REDIS_URL: "", REDIS_PORT: "" })).toBe("redis://127.0.0.1:6379/0");
  });

  test("refuses a port that is none", () => {
    expect(() => redisUrlFrom({ REDIS_PORT: "many" })).toThrow(/REDIS_PORT: must be an integer/);
  });
});
