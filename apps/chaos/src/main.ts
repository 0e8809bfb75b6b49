import { OperatorError } from "@pregonero/runtime";
import { listed, readOptions } from "./options.ts";
import { isClean, lines } from "./report/report.ts";
import { run } from "./run/run.ts";

const abort = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => abort.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(listed());
  else {
    const startMs = performance.now();
    const say = (line: string) =>
      console.error(`${((performance.now() - startMs) / 1_000).toFixed(1).padStart(7)} s  ${line}`);
    say(`seed ${options.seed}`);
    const report = await run(options, say, abort.signal);
    for (const line of lines(report)) console.log(line);
    process.exitCode = isClean(report) && !abort.signal.aborted ? 0 : 1;
  }
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
