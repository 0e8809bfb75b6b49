import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import puppeteer, { type Browser, type Page } from "puppeteer";
import { expect, inject } from "vitest";

/** A person at the dashboard: what they see and what they press. */
export class Visitor implements AsyncDisposable {
  readonly page: Page;
  /** What the page complained about: refused by its policy, failed in its script. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) this.complaints.push(message.text());
    });
  }

  static async arrive(url: string): Promise<Visitor> {
    const browser = await puppeteer.launch({
      executablePath: inject("chromiumPath"),
      args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    const page = await browser.newPage();
    await page.setViewport({ width: 1_280, height: 900 });
    const visitor = new Visitor(browser, page);
    await page.goto(url, { waitUntil: "load" });
    return visitor;
  }

  /** Waits until the text is to be seen. */
  async sees(text: string, withinMs = 20_000): Promise<void> {
    const shows = (wanted: string) => document.body.innerText.includes(wanted);
    await this.page.waitForFunction(shows, { timeout: withinMs }, text).catch(async () => {
      throw new Error(`"${text}" did not appear. There was:\n${await this.text()}`);
    });
  }

  async text(): Promise<string> {
    return await this.page.evaluate(() => document.body.innerText);
  }

  /** Presses what is called so by assistive technology. */
  async press(role: "button" | "link" | "tab", name: string): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`).click();
  }

  async type(label: string, text: string): Promise<void> {
    await this.page.locator(`::-p-aria(${label})`).fill(text);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.page.url()).href, { waitUntil: "load" });
  }

  /** What axe calls serious or worse on the page as it is now. */
  async seriousBarriers(): Promise<string[]> {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await this.page.evaluate(source);
    const found = await this.page.evaluate(async () => {
      // What the script put there.
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      };
      return (await axe.run()).violations;
    });
    return found
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    expect(this.complaints).toEqual([]);
  }
}
