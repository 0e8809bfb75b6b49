import { delimiter } from "node:path";
import { redisUrlFrom } from "@pregonero/runtime";

/** The settings that this package looks at. An empty string counts as unset. */
export interface StackEnv {
  /** Use this Postgres instead of starting one. */
  readonly databaseUrl: string | undefined;
  /** Use this Redis instead of starting one; from REDIS_URL, or composed of REDIS_HOST and its companions. */
  readonly redisUrl: string | undefined;
  readonly redisServerPath: string | undefined;
  readonly chromiumPath: string | undefined;
  /** The folders that programs are looked for in. */
  readonly path: readonly string[];
}

// Where Debian keeps what administrators run; not on the PATH of every user.
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** A child's environment: this process's, with `changes` on top; an undefined value takes a variable away. */
export function childEnv(changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

export function readStackEnv(env: NodeJS.ProcessEnv = process.env): StackEnv {
  return {
    databaseUrl: env["DATABASE_URL"] || undefined,
    redisUrl: env["REDIS_URL"] || env["REDIS_HOST"] ? redisUrlFrom(env) : undefined,
    redisServerPath: env["REDIS_SERVER_PATH"] || undefined,
    chromiumPath: env["PUPPETEER_EXECUTABLE_PATH"] || undefined,
    path: [...(env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== ""), ...systemFolders],
  };
}
