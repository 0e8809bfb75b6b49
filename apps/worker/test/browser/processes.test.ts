import { describe, expect, it } from "vitest";
import { asOpenError, BrowserOpenError } from "../../src/browser/errors.ts";
import { isBrowserOfProfile } from "../../src/browser/processes.ts";
import { StartGate } from "../../src/browser/start-gate.ts";

describe("a browser of a profile is recognised", () => {
  const dir = "/sessions/device-1";
  it.each([
    ["the browser itself", `chromium\0--remote-debugging-pipe\0--user-data-dir=${dir}\0about:blank\0`, true],
    ["at the end", `chromium\0--remote-debugging-pipe\0--user-data-dir=${dir}`, true],
    [
      "a renderer, whose arguments have blanks between",
      `chromium --type=renderer --user-data-dir=${dir} --lang`,
      true,
    ],
    ["device-12 is not device-1", `chromium\0--remote-debugging-pipe\0--user-data-dir=${dir}2\0`, false],
    ["a folder inside the profile", `chromium\0--remote-debugging-pipe\0--user-data-dir=${dir}/x\0`, false],
    ["a script that only names it", `sh\0-c\0echo --user-data-dir=${dir}\0`, false],
    ["no command line (a zombie)", "", false],
  ])("%s", (_, commandLine, expected) => {
    expect(isBrowserOfProfile(commandLine, dir)).toBe(expected);
  });
});

describe("the start gate", () => {
  it("lets starts through one by one, none before its time", async () => {
    const gate = new StartGate(30);
    const { signal } = new AbortController();
    const begunAt = performance.now();
    const passed = [1, 2, 3].map(async () => (await gate.wait(signal)) && performance.now() - begunAt);
    const [first, ...others] = (await Promise.all(passed)).map(Number);
    expect(first).toBeLessThan(Math.min(...others));
    // Timers of Node may fire a fraction of a millisecond early.
    expect(others[0]).toBeGreaterThan(28);
    expect(others[1]).toBeGreaterThan(58);
  });

  it("is left at once when the lease is gone", async () => {
    const gate = new StartGate(60_000);
    const lease = new AbortController();
    expect(await gate.wait(lease.signal)).toBe(true);
    const waiting = gate.wait(lease.signal);
    lease.abort();
    expect(await waiting).toBe(false);
  });
});

describe("why a browser did not open", () => {
  it.each([
    ["no room on the disk", Object.assign(new Error("x"), { code: "ENOSPC" }), "disk_full"],
    ["over the quota", Object.assign(new Error("x"), { code: "EDQUOT" }), "disk_full"],
    ["any other error", new Error("Failed to launch the browser process!\nstderr: …"), "launch_failed"],
    ["no error at all", "x", "launch_failed"],
    ["an error that is typed already", new BrowserOpenError("aborted", "given up"), "aborted"],
  ])("%s", (_, error, code) => {
    const typed = asOpenError(error);
    expect(typed.code).toBe(code);
    expect(typed.message).not.toContain("\n");
  });
});
