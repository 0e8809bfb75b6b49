import puppeteer, { type Browser } from "puppeteer";

const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // One list: of several the last one wins. These two cost a second process for each page.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];

/**
 * A Chromium of its own.
 * @param profile folder that keeps sessions over a restart; without it everything is gone at the end
 */
export function launchBrowser(executablePath: string, profile?: string): Promise<Browser> {
  // Chromium refuses to run its sandbox as root, which is what containers of CI are.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return puppeteer.launch({
    executablePath,
    // The pipe ends with this process, so that a killed test run leaves no browser behind.
    pipe: true,
    headless: true,
    args: [...flags, ...sandbox],
    ...(profile === undefined ? {} : { userDataDir: profile }),
  });
}
