import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "@pregonero/local-stack";
import { expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { faults } from "../src/faults/index.ts";

const reportSchema = z.strictObject({
  faults: z.array(
    z.strictObject({
      name: z.string(),
      injected: z.int(),
      lost: z.int(),
      doubled: z.int(),
      unknown: z.int(),
      recoverS: z.number(),
    }),
  ),
  memory: z.strictObject({ startMb: z.number(), endMb: z.number() }),
});

/** As a user runs it, in processes of its own. */
async function chaos(
  ...args: readonly string[]
): Promise<{ code: number | null; output: string; told: string }> {
  const child = spawn(process.execPath, [join(projectRoot, "infra/local/run.mjs"), "chaos", ...args], {
    cwd: projectRoot,
    env: { ...process.env, PUPPETEER_EXECUTABLE_PATH: inject("chromiumPath") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGTERM"));
  let output = "";
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output, told };
}

test(
  "the short form: every fault came about, nothing was lost, nothing doubled, nothing left behind",
  { timeout: 300_000 },
  async () => {
    const { code, output, told } = await chaos("--short", "--seed", "1");
    const last = output.trimEnd().split("\n").at(-1) ?? "";
    const report = reportSchema.parse(JSON.parse(last), { error: () => `${told}\n${output}` });
    const short = faults.filter((fault) => fault.short);
    expect(report.faults.map(({ name }) => name)).toEqual(short.map(({ name }) => name));
    for (const fault of report.faults) {
      expect(fault, `${told}\n${output}`).toMatchObject({ injected: 1, lost: 0, doubled: 0 });
      expect(fault.recoverS).toBeLessThan(60);
    }
    expect(report.memory.startMb).toBeGreaterThan(100);
    // Findings beside those of the table, such as what was left behind, are in the exit code.
    expect(code, `${told}\n${output}`).toBe(0);
  },
);
