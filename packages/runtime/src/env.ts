import type { z } from "zod";
import { OperatorError } from "./operator-error.ts";

/** The environment is not usable. The message has a line of its own for every mistake. */
export class EnvError extends OperatorError {
  override readonly name = "EnvError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings in the environment are not usable:\n${problems.map((p) => `  ${p}`).join("\n")}`);
    this.problems = problems;
  }
}

// A URL belongs here because it may hold a password.
const secretName = /PASSWORD|SECRET|KEY|TOKEN|URL|CREDENTIAL|AUTH|COOKIE/i;

function problemLine(issue: z.core.$ZodIssue, env: NodeJS.ProcessEnv): string {
  const name = issue.path.map(String).join(".") || "environment";
  const value = env[name];
  if (value === undefined) {
    return `${name}: ${issue.code === "invalid_type" ? "is required" : issue.message}`;
  }
  return secretName.test(name) ? `${name}: ${issue.message}` : `${name}: ${issue.message} (got "${value}")`;
}

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}

/**
 * Reads settings out of an environment. An empty string counts as unset.
 * @throws EnvError naming every mistake at once; values of names that may hold secrets are never shown.
 */
export function parseEnv<S extends z.ZodObject>(schema: S, env: NodeJS.ProcessEnv): z.output<S> {
  const given = withoutEmpty(env);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw new EnvError(parsed.error.issues.map((issue) => problemLine(issue, given)));
  return parsed.data;
}
