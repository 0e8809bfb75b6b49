import { chmod, mkdir, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BrowserOpenError } from "../../src/browser/errors.ts";
import { chromiumPath } from "./chromium.ts";
import {
  fleetOptions,
  pageServer,
  processesNaming,
  recordingReporter,
  temporaryFleet,
  temporarySessions,
  until,
} from "./fleet-harness.ts";

const never = new AbortController().signal;

async function codeOf(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => new Error("it opened"),
    (reason: unknown) => reason,
  );
  return error instanceof BrowserOpenError ? error.code : String(error);
}

describe("a device's session", () => {
  it("survives closing the context and a new fleet, in localStorage and IndexedDB", async () => {
    await using sessions = await temporarySessions();
    await using server = await pageServer();
    const options = fleetOptions(chromiumPath(), sessions.dir);
    {
      await using first = await temporaryFleet(options);
      const context = await first.fleet.open(1, never);
      await context.page.goto(server.url);
      await context.page.evaluate(writeSession);
    }
    await using second = await temporaryFleet(options);
    const context = await second.fleet.open(1, never);
    await context.page.goto(server.url);
    expect(await context.page.evaluate(readSession)).toEqual(["local", "indexed"]);
  });

  it("is not seen by another device", async () => {
    await using sessions = await temporarySessions();
    await using server = await pageServer();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const [one, two] = await Promise.all([holder.fleet.open(1, never), holder.fleet.open(2, never)]);
    await Promise.all([one.page.goto(server.url), two.page.goto(server.url)]);
    await one.page.evaluate("localStorage.setItem('session', 'local')");
    expect(await two.page.evaluate("localStorage.getItem('session')")).toBeNull();
  });
});

describe("a failure stays in its slot", () => {
  it("a crashed page is reported as lost, the other device goes on, and the slot can be used again", async () => {
    await using sessions = await temporarySessions();
    const { reporter, reports } = recordingReporter();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir, { reporter }));
    const { fleet } = holder;
    const [one, two] = await Promise.all([fleet.open(1, never), fleet.open(2, never)]);
    one.page.goto("chrome://crash").catch(() => undefined);
    expect(await one.lost).toMatch(/crash/i);
    expect(reports).toContainEqual({
      browserSystemId: one.browserSystemId,
      what: "error",
      detail: await one.lost,
    });
    expect(await two.page.evaluate("1 + 1")).toBe(2);

    await one.close();
    const again = await fleet.open(1, never);
    expect(await again.page.evaluate("2 + 2")).toBe(4);
    expect(again.browserSystemId).not.toBe(one.browserSystemId);
    expect(await two.page.evaluate("3 + 3")).toBe(6);
  });

  it("a browser killed from outside is reported as lost and leaves the other alone", async () => {
    await using sessions = await temporarySessions();
    const { reporter, pids } = recordingReporter();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir, { reporter }));
    const one = await holder.fleet.open(1, never);
    const two = await holder.fleet.open(2, never);
    const call = one.page.evaluate("new Promise(() => {})").catch((error: Error) => error.message);
    process.kill(pids[0] ?? Number.NaN, "SIGKILL");
    expect(await one.lost).toBe("browser gone");
    expect(await call).toMatch(/closed|detached/i);
    expect(await two.page.evaluate("1 + 1")).toBe(2);
  });

  it("a page that hangs can be closed within the bound, and the other device answers meanwhile", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const [one, two] = await Promise.all([holder.fleet.open(1, never), holder.fleet.open(2, never)]);
    const hung = one.page.evaluate("for (;;) {}").catch(() => "ended");
    expect(await two.page.evaluate("1 + 1")).toBe(2);
    await one.close();
    expect(await hung).toBe("ended");
    expect(holder.fleet.openSlots).toBe(1);
    expect(await processesNaming(join(sessions.dir, "device-1"))).toEqual([]);
  });

  it("a dialog does not stop the page", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const { page } = await holder.fleet.open(1, never);
    expect(await page.evaluate("confirm('sure?')")).toBe(false);
  });
});

describe("slots", () => {
  it("are counted, refuse a device twice and more devices than there are", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir, { slots: 1 }));
    const { fleet } = holder;
    expect(fleet.openSlots).toBe(1);
    const context = await fleet.open(1, never);
    expect(fleet.openSlots).toBe(0);
    expect(await codeOf(fleet.open(1, never))).toBe("already_open");
    expect(await codeOf(fleet.open(2, never))).toBe("no_free_slot");
    await context.close();
    expect(fleet.openSlots).toBe(1);
  });

  it("report a context's life in order, each status once", async () => {
    await using sessions = await temporarySessions();
    const { reporter, reports } = recordingReporter();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir, { reporter }));
    const context = await holder.fleet.open(7, never);
    for (const status of ["available", "busy", "busy", "available"] as const) context.report(status);
    await context.close();
    context.report("available");
    expect(reports.map(({ what }) => what)).toEqual(["opened 7", "available", "busy", "available", "closed"]);
    expect(await context.lost).toBe("closed");
  });

  it("keep browser starts apart", async () => {
    await using sessions = await temporarySessions();
    const opened: number[] = [];
    const reporter = { opened: () => opened.push(performance.now()), status: () => undefined };
    await using holder = await temporaryFleet(
      fleetOptions(chromiumPath(), sessions.dir, { reporter, startStaggerMs: 1_500 }),
    );
    const begunAt = performance.now();
    await Promise.all([holder.fleet.open(1, never), holder.fleet.open(2, never)]);
    expect(Math.max(...opened) - begunAt).toBeGreaterThan(1_500);
  });

  it("tell the memory that a browser takes", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const context = await holder.fleet.open(1, never);
    expect(await context.memoryMb()).toBeGreaterThan(20);
    await context.close();
    expect(await context.memoryMb()).toBeNull();
  });
});

describe("a launch that fails", () => {
  it("is a typed error, leaves no process, and frees the slot", async () => {
    await using sessions = await temporarySessions();
    const script = join(sessions.dir, "not-chromium");
    await writeFile(script, "#!/bin/sh\nexit 21\n");
    await chmod(script, 0o755);
    await using holder = await temporaryFleet(
      fleetOptions(chromiumPath(), sessions.dir, { executablePath: script }),
    );
    expect(await codeOf(holder.fleet.open(1, never))).toBe("launch_failed");
    expect(holder.fleet.openSlots).toBe(2);
    expect(await codeOf(holder.fleet.open(1, never))).toBe("launch_failed");
  });

  it("for want of an executable is told apart", async () => {
    await using sessions = await temporarySessions();
    const missing = join(sessions.dir, "missing");
    await using holder = await temporaryFleet(
      fleetOptions(chromiumPath(), sessions.dir, { executablePath: missing }),
    );
    expect(await codeOf(holder.fleet.open(1, never))).toBe("no_browser");
  });

  it("by never getting ready is ended at the time limit", async () => {
    await using sessions = await temporarySessions();
    const script = join(sessions.dir, "deaf-chromium");
    await writeFile(script, `#!/bin/sh\nexec sleep 300 # "$@"\n`);
    await chmod(script, 0o755);
    await using holder = await temporaryFleet(
      fleetOptions(chromiumPath(), sessions.dir, { executablePath: script, launchTimeoutMs: 300 }),
    );
    expect(await codeOf(holder.fleet.open(1, never))).toBe("launch_failed");
  });

  it("by an abort leaves no browser", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const lease = new AbortController();
    const opening = codeOf(holder.fleet.open(1, lease.signal));
    await until(async () => (await processesNaming(sessions.dir)).length > 0);
    lease.abort();
    expect(await opening).toBe("aborted");
    expect(await processesNaming(sessions.dir)).toEqual([]);
    expect(holder.fleet.openSlots).toBe(2);
  });

  it("because the fleet closes is told, and nothing can be opened afterwards", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    const opening = codeOf(holder.fleet.open(1, never));
    await holder.fleet.close();
    expect(await opening).toBe("aborted");
    expect(await codeOf(holder.fleet.open(1, never))).toBe("fleet_closed");
  });
});

describe("a profile's lock", () => {
  it("of another host, or of a pid that is somebody else's by now, is removed and nobody is killed", async () => {
    await using sessions = await temporarySessions();
    await using holder = await temporaryFleet(fleetOptions(chromiumPath(), sessions.dir));
    for (const owner of ["worker-that-died-4242", `${hostname()}-${process.pid}`]) {
      const profile = join(sessions.dir, "device-1");
      await mkdir(profile, { recursive: true });
      await rm(join(profile, "SingletonLock"), { force: true });
      await symlink(owner, join(profile, "SingletonLock"));
      const context = await holder.fleet.open(1, never);
      expect(await context.page.evaluate("1 + 1")).toBe(2);
      await context.close();
    }
  });

  it("of an orphan on this host makes the orphan end first, and no other profile's browser", async () => {
    await using sessions = await temporarySessions();
    const options = fleetOptions(chromiumPath(), sessions.dir);
    await using older = await temporaryFleet(options);
    await using newer = await temporaryFleet(options);
    const orphan = await older.fleet.open(1, never);
    const neighbour = await older.fleet.open(12, never);
    expect(await readlink(join(sessions.dir, "device-1", "SingletonLock"))).toContain(hostname());

    const context = await newer.fleet.open(1, never);
    expect(await orphan.lost).toBe("browser gone");
    expect(await context.page.evaluate("1 + 1")).toBe(2);
    expect(await neighbour.page.evaluate("2 + 2")).toBe(4);
  });
});

/** Runs in the page. */
function writeSession(): Promise<void> {
  return new Promise((resolve, reject) => {
    Reflect.get(globalThis, "localStorage").setItem("session", "local");
    const request = Reflect.get(globalThis, "indexedDB").open("session", 1);
    request.onerror = reject;
    request.onupgradeneeded = () => request.result.createObjectStore("kept").put("indexed", "session");
    request.onsuccess = () => resolve();
  });
}

/** Runs in the page. */
function readSession(): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const request = Reflect.get(globalThis, "indexedDB").open("session", 1);
    request.onerror = reject;
    request.onsuccess = () => {
      const kept = request.result.transaction("kept").objectStore("kept").get("session");
      kept.onsuccess = () =>
        resolve([Reflect.get(globalThis, "localStorage").getItem("session"), kept.result]);
    };
  });
}
