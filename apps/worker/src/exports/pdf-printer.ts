import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Readable as NodeReadable } from "node:stream";
import puppeteer, { type Browser } from "puppeteer";
import { launchOptionsFor, type BrowserSettings } from "../browser/launch-options.ts";

export interface PdfPrinterOptions extends BrowserSettings {
  readonly timeoutMs: number;
}

/**
 * Prints pages with the fleet's Chromium. A browser of its own for each, with scripts and network off: what is printed
 * comes with the page, and what names and texts of users bring along does nothing.
 */
export async function printPdf<T>(
  html: string,
  options: PdfPrinterOptions,
  use: (pdf: Readable) => Promise<T>,
): Promise<T> {
  const profileDir = await mkdtemp(join(tmpdir(), `pregonero-print-${process.pid}-`));
  let browser: Browser | undefined;
  try {
    browser = await puppeteer.launch({
      ...launchOptionsFor(profileDir, options),
      timeout: options.timeoutMs,
      protocolTimeout: options.timeoutMs,
    });
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.setOfflineMode(true);
    await page.setContent(html, { waitUntil: "load", timeout: options.timeoutMs });
    const stream = await page.createPDFStream({
      format: "A4",
      printBackground: true,
      displayHeaderFooter: true,
      headerTemplate: "<span></span>",
      footerTemplate: footer,
      margin: { top: "14mm", bottom: "16mm", left: "14mm", right: "14mm" },
      timeout: options.timeoutMs,
    });
    return await use(NodeReadable.from(chunksOf(stream)));
  } finally {
    await browser?.close().catch(() => browser?.process()?.kill("SIGKILL"));
    await rm(profileDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

const footer =
  '<div style="width:100%;padding:0 14mm;font:7pt Arial,sans-serif;color:#66707c;display:flex;justify-content:space-between"><span>Pregonero · <span class="title"></span></span><span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>';

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
