import { startProcess, type AppProcess } from "@pregonero/local-stack";
import { expect, inject, test } from "vitest";
import { launchBrowser } from "./harness/browser.ts";
import { ControlClient } from "./harness/control-client.ts";
import { temporaryFolder } from "./harness/fixture.ts";
import { openWaPage } from "./harness/wa-page.ts";

const readyLine = /^sandbox ready on (http:\/\/127\.0\.0\.1:\d+)$/m;

function start(env: NodeJS.ProcessEnv): Promise<AppProcess> {
  return startProcess({ name: "sandbox", entry: "apps/sandbox", env, ready: { line: readyLine } });
}

const urlOf = (sandbox: AppProcess): string => readyLine.exec(sandbox.output())?.[1] ?? "";

test("every message that was answered is in the ledger after kill −9", async () => {
  await using folder = await temporaryFolder();
  const env = { SANDBOX_DATA_FILE: `${folder.path}/sandbox.ndjson` };
  const first = await start(env);
  const browser = await launchBrowser(inject("chromiumPath"));
  try {
    const page = await openWaPage(browser, urlOf(first));
    await new ControlClient(urlOf(first)).scan((await page.qr()) ?? "", "34600123456");
    await page.waitForLogin();
    // Many at a time, killed in the midst of them: what the page was told went out must be there afterwards.
    await page.page.evaluate(() => {
      globalThis.answered = [];
      for (let i = 0; i < 400; i++) {
        void WPP.chat
          .sendTextMessage(`${34_611_110_001 + i}@c.us`, `Dear ${i}`, { linkPreview: false })
          .then(({ id }) => globalThis.answered.push(id.split("_")[2] ?? ""));
      }
    });
    await page.page.waitForFunction(() => globalThis.answered.length >= 50);
    first.kill("SIGKILL");
    await first.exited;
    const answered = await page.page.evaluate(() => globalThis.answered);

    const second = await start(env);
    const { entries } = await new ControlClient(urlOf(second)).ledger({ limit: "1000" });
    await second.close();
    const arrived = new Set(entries.map(({ message_id }) => message_id));
    expect(answered.filter((id) => !arrived.has(id))).toEqual([]);
    expect(entries.length).toBeGreaterThanOrEqual(50);
  } finally {
    await browser.close();
    await first.close();
  }
});

test("SIGTERM ends it properly", async () => {
  const sandbox = await start({ SANDBOX_DATA_FILE: "" });

  expect(await sandbox.close()).toMatchObject({ code: 0 });
});

declare global {
  var answered: string[];
}
