import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "puppeteer";
import { afterAll, beforeAll, inject } from "vitest";
import { launchBrowser } from "./browser.ts";
import { openSandbox, type TestSandbox } from "./sandbox.ts";
import { openWaPage, type WaPage } from "./wa-page.ts";

export interface OpenPage extends AsyncDisposable {
  readonly page: WaPage;
  readonly sandbox: TestSandbox;
  /** The account that the page is linked to. */
  readonly phone: string;
}

/** One browser for the tests of a file. Each test gets a context of its own, which shares nothing with the others. */
export class Fixture {
  #browser: Browser | undefined;
  #phones = 0;

  static use(): Fixture {
    const fixture = new Fixture();
    beforeAll(async () => {
      fixture.#browser = await launchBrowser(inject("chromiumPath"));
    });
    afterAll(async () => {
      await fixture.#browser?.close();
    });
    return fixture;
  }

  /** A page that shows its QR. */
  async openUnlinked(sandbox: TestSandbox): Promise<AsyncDisposable & { readonly page: WaPage }> {
    const context = await this.#opened().createBrowserContext();
    const page = await openWaPage(context, sandbox.url);
    return { page, [Symbol.asyncDispose]: () => context.close() };
  }

  /** A page that is linked to an account of its own, in a network of its own. */
  async openLinked(): Promise<OpenPage> {
    const sandbox = await openSandbox();
    const { page, ...opened } = await this.openUnlinked(sandbox);
    this.#phones += 1;
    const phone = `3460000${String(1000 + this.#phones)}`;
    await link(sandbox, page, phone);
    return {
      page,
      sandbox,
      phone,
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await sandbox[Symbol.asyncDispose]();
      },
    };
  }

  #opened(): Browser {
    if (this.#browser === undefined)
      throw new Error("the browser is not open: the fixture belongs to a test");
    return this.#browser;
  }
}

/** Scans the QR that the page shows. */
export async function link(sandbox: TestSandbox, page: WaPage, phone: string): Promise<void> {
  const code = await page.qr();
  if (code === null) throw new Error("the page shows no QR");
  await sandbox.control.scan(code, phone);
  await page.waitForLogin();
}

/** A folder that is gone at the end of the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "pregonero-sandbox-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
