import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { foreground } from "./processes.mjs";
import { tool } from "./project.mjs";

/** Runs the tests; the last line of the output is `N passed, N failed`. */
export async function test(args) {
  const folder = mkdtempSync(join(tmpdir(), "pregonero-counts-"));
  const file = join(folder, "counts.json");
  try {
    const reporters = ["--reporter=default", "--reporter=./infra/local/count-reporter.mjs"];
    const command = [...tool("vitest/vitest.mjs"), "run", ...reporters, ...args];
    const code = await foreground(command, { PREGONERO_TEST_COUNTS: file });
    // No file: the run ended before any test, in its set-up for example.
    const counts = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { passed: 0, failed: 0 };
    const failed = code === 0 ? counts.failed : Math.max(counts.failed, 1);
    console.log(`${counts.passed} passed, ${failed} failed`);
    return failed > 0 || counts.passed === 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
