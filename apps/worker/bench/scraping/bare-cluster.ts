import puppeteer, { type Page } from "puppeteer";
import { Cluster } from "puppeteer-cluster";
import { memoryMbOf, pidsOfGroup } from "../../src/browser/processes.ts";
import { lookFor } from "../../src/scraping/visit/technologies.ts";
import { readPage } from "../../src/scraping/visit/page-facts.ts";
import { takeScreenshots } from "../../src/scraping/visit/screenshots.ts";
import { sampleSitesKey } from "../../test/scraping/sample-sites.ts";

/** How long our visits wait for a page that goes on by itself. */
const quietMs = 150;

/**
 * puppeteer-cluster as its manual shows it: CONCURRENCY_CONTEXT, Chromium's and puppeteer's default flags. The two that
 * are given only make the sample websites reachable. Does what our visits do: load, wait, read, take both pictures.
 */
export class BareCluster implements AsyncDisposable {
  readonly #cluster: Cluster<string, number>;
  #pid: number | undefined;

  private constructor(cluster: Cluster<string, number>) {
    this.#cluster = cluster;
  }

  static async open(options: { chromiumPath: string; port: number; slots: number }): Promise<BareCluster> {
    const cluster: Cluster<string, number> = await Cluster.launch({
      concurrency: Cluster.CONCURRENCY_CONTEXT,
      maxConcurrency: options.slots,
      timeout: 60_000,
      puppeteer,
      puppeteerOptions: {
        executablePath: options.chromiumPath,
        headless: true,
        defaultViewport: { width: 1280, height: 800 },
        args: [
          "--no-sandbox",
          `--host-resolver-rules=MAP *.sandbox.test 127.0.0.1:${options.port}`,
          `--ignore-certificate-errors-spki-list=${sampleSitesKey}`,
        ],
      },
    });
    return new BareCluster(cluster);
  }

  async visit(url: string): Promise<void> {
    await this.#cluster.execute(url, async ({ page }) => {
      this.#pid ??= page.browser().process()?.pid;
      await page.goto(url, { waitUntil: "load" });
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      const source = `(() => { const __name = (f) => f; return (${readPage.toString()})(${JSON.stringify(lookFor)}); })()`;
      const facts = (await page.evaluate(source)) as { height: number };
      await takeScreenshots(page, facts.height);
      return facts.height;
    });
  }

  /** Holds `count` contexts on a page each. @returns memory of the browser meanwhile, MB */
  async memoryWith(count: number, url: string): Promise<number> {
    let arrived = 0;
    let measured: (mb: number) => void = () => undefined;
    const memory = new Promise<number>((resolve) => (measured = resolve));
    const hold = async (page: Page): Promise<number> => {
      this.#pid ??= page.browser().process()?.pid;
      await page.goto(url, { waitUntil: "load" });
      if (++arrived === count) measured((await memoryMbOf(await pidsOfGroup(this.#pid ?? 0))) ?? Number.NaN);
      return await memory;
    };
    await Promise.all(
      Array.from({ length: count }, () => this.#cluster.execute(url, ({ page }) => hold(page))),
    );
    return await memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cluster.close();
  }
}
