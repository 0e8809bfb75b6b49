import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";

export interface LogFile {
  write(line: string): void;
  close(): Promise<void>;
}

/** For programs that cannot write a log file of their own. Begins anew at each start, or it would grow for ever. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  const stream = createWriteStream(path, { flags: "w" });
  // A full disk must not take down what is being logged.
  stream.on("error", () => undefined);
  return {
    write: (line) => void stream.write(`${line}\n`),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
