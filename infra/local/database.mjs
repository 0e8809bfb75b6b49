import { foreground } from "./processes.mjs";
import { runSource } from "./project.mjs";

/** Runs a command of the database package on DATABASE_URL, else on the local stack in `.data` (running or not). */
export function database(command, args) {
  const cli = [...runSource, "packages/db/src/cli.ts", command, ...args];
  if (process.env.DATABASE_URL) return foreground(cli);
  return foreground([
    ...runSource,
    "packages/local-stack/src/main.ts",
    "exec",
    "--dir",
    ".data",
    "--",
    ...cli,
  ]);
}
