/**
 * For the project's own scripts.
 *   packages                       installs what the machine lacks; prints where it is, as JSON
 *   exec (--dir DIR|--temporary) -- COMMAND…   runs a command with a stack around it
 */
import { execInStack } from "./exec-command.ts";
import { SetupError } from "./setup-error.ts";
import { ensureSystemPackages } from "./system-packages.ts";

async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === "packages") {
    const log = (line: string): void => console.error(line);
    console.log(JSON.stringify(await ensureSystemPackages({ log })));
    return 0;
  }
  if (command === "exec") {
    const [place, ...rest] = args;
    const dir = place === "--dir" ? rest.shift() : undefined;
    const [separator, file, ...fileArgs] = rest;
    const placed = place === "--temporary" || dir !== undefined;
    if (placed && separator === "--" && file !== undefined) return execInStack(dir, [file, ...fileArgs]);
  }
  throw new SetupError("usage: packages | exec (--dir DIR|--temporary) -- COMMAND…");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exitCode = 1;
}
