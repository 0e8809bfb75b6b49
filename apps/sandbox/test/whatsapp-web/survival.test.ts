import { inject, expect, test, vi } from "vitest";
import { launchBrowser } from "../harness/browser.ts";
import { link, temporaryFolder } from "../harness/fixture.ts";
import { openSandbox } from "../harness/sandbox.ts";
import { openWaPage, type WaPage } from "../harness/wa-page.ts";

/** A browser on the profile, for as long as `use` takes. Closed properly, or killed as by a crash. */
async function inBrowser(
  profile: string,
  url: string,
  use: (page: WaPage) => Promise<void>,
  end: "close" | "kill" = "close",
): Promise<void> {
  const browser = await launchBrowser(inject("chromiumPath"), profile);
  try {
    await use(await openWaPage(browser, url));
  } finally {
    const gone = new Promise((resolve) => browser.process()?.once("exit", resolve));
    if (end === "kill") browser.process()?.kill("SIGKILL");
    else await browser.close();
    await gone;
  }
}

test("a session and its messages survive the restart of the browser", async () => {
  await using sandbox = await openSandbox();
  await using folder = await temporaryFolder();

  await inBrowser(folder.path, sandbox.url, async (page) => {
    await link(sandbox, page, "34600123456");
    await page.send("34611111111", "hello", "3EB0SURVIVES");
    await page.waitForAck("3EB0SURVIVES", 3);
    await vi.waitFor(async () => expect(await page.storedAck("34611111111", "3EB0SURVIVES")).toBe(3));
  });
  await inBrowser(folder.path, sandbox.url, async (page) => {
    await page.waitForLogin();
    expect(await page.storedAck("34611111111", "3EB0SURVIVES")).toBeGreaterThanOrEqual(1);
    expect(await page.storedAck("34611111111", "3EB0OTHER")).toBe("msg_not_found");
    expect(await page.storedAck("34622222222", "3EB0OTHER")).toBe("chat_not_found");
  });
});

test("a message that was under way when the browser was killed is found, and arrives once", async () => {
  await using sandbox = await openSandbox();
  await using folder = await temporaryFolder();

  await inBrowser(
    folder.path,
    sandbox.url,
    async (page) => {
      await link(sandbox, page, "34600123456");
      await sandbox.control.faults({ latency_ms: 600_000 });
      expect(await page.sendWithin(500, "34611111111", "hello", "3EB0KILLED")).toBe("pending");
    },
    "kill",
  );
  await sandbox.control.faults({ latency_ms: 0 });
  await inBrowser(folder.path, sandbox.url, async (page) => {
    await page.waitForLogin();
    await vi.waitFor(async () => expect(await page.storedAck("34611111111", "3EB0KILLED")).toBe(3));
  });

  expect((await sandbox.control.ledger()).entries).toMatchObject([{ message_id: "3EB0KILLED", copies: 1 }]);
});

test("IndexedDB is what counts: without local storage the page is logged in, without IndexedDB it is not", async () => {
  await using sandbox = await openSandbox();
  await using folder = await temporaryFolder();

  await inBrowser(folder.path, sandbox.url, async (page) => {
    await link(sandbox, page, "34600123456");
    await page.page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.waitForLogin();

    const cdp = await page.page.createCDPSession();
    const origin = sandbox.url;
    await page.page.goto(`${origin}/healthz`);
    await cdp.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
    await page.page.goto(origin);
    await page.ready();
    expect(await page.mode()).toBe("QR");
    expect(await page.page.evaluate(() => localStorage.getItem("last-wid-md"))).toBeNull();
  });
});

test("pages, accounts and ledger survive a restart of the network", async () => {
  await using folder = await temporaryFolder();
  await using profile = await temporaryFolder();
  const dataFile = `${folder.path}/sandbox.ndjson`;
  const first = await openSandbox({ dataFile });

  await inBrowser(profile.path, first.url, async (page) => {
    await link(first, page, "34600123456");
    await page.send("34611111111", "before", "3EB0BEFORE");
    await first[Symbol.asyncDispose]();
    expect(await page.sendWithin(200, "34611111111", "meanwhile", "3EB0MEANWHILE")).toBe("pending");

    await using second = await openSandbox({ dataFile, port: first.port });
    await page.waitForAck("3EB0MEANWHILE", 1);
    expect((await second.control.ledger()).entries.map(({ message_id }) => message_id)).toEqual([
      "3EB0BEFORE",
      "3EB0MEANWHILE",
    ]);
  });
});
