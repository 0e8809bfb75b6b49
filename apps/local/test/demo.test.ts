import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { Launcher } from "./support/launcher.ts";
import { processesOf } from "./support/left-behind.ts";
import { tempDir } from "./support/temp-dir.ts";

/** The runner of TypeScript keeps its cache there, in development only. */
const leftIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => !name.startsWith("tsx-"));

const figure = (output: string, name: string): number =>
  Number(new RegExp(`^  ${name} +(\\d+)`, "m").exec(output)?.[1]);

const breakdown = (output: string, name: string): string[] =>
  (new RegExp(`^  ${name} +\\d+  (.+)$`, "m").exec(output)?.[1] ?? "").split(", ").sort();

test(
  "the demonstration sends the example, what arrived agrees with what was said, and nothing is left behind",
  { timeout: 180_000 },
  async () => {
    const dir = await tempDir();
    await using demo = new Launcher(["demo"], { TMPDIR: dir });
    expect(await demo.exited, demo.output).toBe(0);
    const { output } = demo;

    expect(output.match(/█▀▀▀▀▀█|█ ▄▄▄▄▄ █/g)?.length, "finder patterns of two QRs").toBeGreaterThanOrEqual(
      4,
    );
    expect(figure(output, "rows")).toBe(300);
    expect(figure(output, "accepted")).toBe(280);
    expect(figure(output, "sent")).toBe(276);
    expect(breakdown(output, "failed")).toEqual(["not_on_whatsapp 4"]);
    expect(breakdown(output, "rejected")).toEqual([
      "duplicate 5",
      "invalid_number 6",
      "malformed_row 1",
      "missing_phone 2",
      "missing_variable 4",
      "opted_out 2",
    ]);
    expect(output).toMatch(/^ +34 {2}missing_variable .*día de entrega/m);
    expect(output).toMatch(/100\.0 % {2}280\/280/);
    expect(output).toMatch(/^ +276 {2}numbers got 1 message$/m);
    expect(output).toContain("✓ the sandbox counted 276 messages");
    expect(output).not.toContain("✗");

    expect(await leftIn(dir)).toEqual([]);
    expect(await processesOf(dir)).toEqual([]);
  },
);

test(
  "Ctrl-C in the middle of the demonstration ends all that it started and removes its folder",
  { timeout: 120_000 },
  async () => {
    const dir = await tempDir();
    await using demo = new Launcher(["demo"], { TMPDIR: dir });
    await demo.told(/✓ sandbox-2 is connected/);
    expect((await processesOf(dir)).length).toBeGreaterThan(5);
    expect(await demo.interrupt()).toBe(130);
    expect(await leftIn(dir)).toEqual([]);
    expect(await processesOf(dir)).toEqual([]);
  },
);

test("a demonstration that cannot start tells why in one line and removes its folder", async () => {
  const dir = await tempDir();
  const missing = `${dir}/no-such-chromium`;
  await using demo = new Launcher(["demo"], { TMPDIR: dir, PUPPETEER_EXECUTABLE_PATH: missing });
  expect(await demo.exited).toBe(1);
  expect(demo.output).toContain(missing);
  expect(demo.output).not.toMatch(/^\s+at /m);
  expect(await leftIn(dir)).toEqual([]);
});
