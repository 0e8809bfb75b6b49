import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { step } from "../../src/terminal/step.ts";
import { table } from "../../src/terminal/table.ts";
import { Terminal } from "../../src/terminal/terminal.ts";

function terminal(isTTY: boolean, columns = 40): { screen: Terminal; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  const screen = new Terminal({ stream: stream as unknown as NodeJS.WriteStream, colour: true });
  return { screen, written: () => String(stream.read() ?? "") };
}

test("in a pipe there are no colours, no changing lines and no control characters", async () => {
  const { screen, written } = terminal(false);
  screen.live("half");
  screen.say(screen.paint("red", "whole"));
  await step(screen, "API", () => Promise.resolve());
  expect(written()).toMatch(/^whole\n✓ API {2}0\.0 s\n$/);
});

test("on a terminal a line that is said goes above the one that changes", () => {
  const { screen, written } = terminal(true);
  screen.live("50 %");
  screen.say("news");
  expect(written()).toBe("\r\u001b[2K50 %\r\u001b[2Knews\n50 %");
});

test("the changing line is cut to the width, or it would scroll", () => {
  const { screen, written } = terminal(true);
  screen.live("x".repeat(60));
  expect(written()).toBe(`\r\u001b[2K${"x".repeat(40)}`);
});

test("a terminal that does not tell its width shows the changing line all the same", () => {
  const { screen, written } = terminal(true, 0);
  screen.live("50 %");
  expect(written()).toContain("50 %");
});

test("a step that fails is named, and its error goes on to the caller", async () => {
  const { screen, written } = terminal(false);
  await expect(step(screen, "API", () => Promise.reject(new Error("port taken")))).rejects.toThrow(
    "port taken",
  );
  expect(written()).toBe("✗ API\n");
});

test("columns are as wide as their widest cell, numbers to the right", () => {
  expect(
    table([
      ["sent", 7, "ok"],
      ["rejected", 1_234, ""],
    ]),
  ).toEqual(["  sent         7  ok", "  rejected  1234"]);
});
