import puppeteer, { type Browser, type Page } from "puppeteer";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { openWorld } from "./support.ts";

let world: Awaited<ReturnType<typeof openWorld>>;
let browser: Browser;

beforeAll(async () => {
  world = await openWorld();
  browser = await puppeteer.launch({
    executablePath: inject("chromiumPath"),
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
  });
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await world?.[Symbol.asyncDispose]();
});

/** Waits until the element has that text. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
  await page
    .waitForFunction(
      (where, what) => document.querySelector(where)?.textContent?.includes(what),
      { timeout: 25_000 },
      selector,
      text,
    )
    .catch(async (error: unknown) => {
      const body = await page.evaluate(() => document.body.innerText);
      throw new Error(`${selector} never said "${text}":\n${body}`, { cause: error });
    });
}

const events = (page: Page): Promise<string[]> =>
  page.$$eval("#events li", (items) => items.map((item) => item.textContent ?? ""));

describe("the library for Angular in a page", () => {
  test("tells what happens, and after a restart of the server goes on without a gap or a repetition", async () => {
    await world.beginConversation("+34600123456");
    const page = await browser.newPage();
    await page.goto(world.url);
    await shows(page, "#state", "connected");
    await shows(page, "#conversations", "34600123456");
    await world.setBot(true);
    await shows(page, "#events", `bot of ${world.deviceId} on`);

    await world.stopApi();
    await page.waitForFunction(() => document.querySelector("#state")?.textContent !== "connected");
    await world.startApi();
    await world.setBot(false);
    await shows(page, "#state", "connected");
    await shows(page, "#events", `bot of ${world.deviceId} off`);
    expect(await events(page)).toEqual([`bot of ${world.deviceId} on`, `bot of ${world.deviceId} off`]);
    await page.close();
  }, 90_000);

  test("tells it by polling where no WebSocket can be had", async () => {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(() => Reflect.deleteProperty(window, "WebSocket"));
    await page.goto(world.url);
    await shows(page, "#state", "error");
    await shows(page, "#conversations", "34600123456");
    // What happens before the first answer is not news to the page: told until one is.
    const news = setInterval(() => void world.setBot(true).catch(() => undefined), 1_000);
    try {
      await shows(page, "#events", `bot of ${world.deviceId} on`);
    } finally {
      clearInterval(news);
    }
    await page.close();
  }, 60_000);
});
