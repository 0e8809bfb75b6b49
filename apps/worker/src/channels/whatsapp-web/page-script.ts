import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createFiles } from "./page/files.ts";
import { installInPage, type PageParts } from "./page/install.ts";
import { createLookup } from "./page/lookup.ts";
import { watchMessages } from "./page/message-events.ts";
import { createNumbers } from "./page/numbers.ts";
import { createOutlet } from "./page/outlet.ts";
import { createSender } from "./page/sender.ts";
import { watchState } from "./page/state-events.ts";

/*
 * What runs in WhatsApp's page: the unmodified bundle of wa-js and our own script, as one source text that is
 * evaluated before any script of the page, in each new document (so that it survives reloads).
 *
 * Our script is written as functions of this code base and goes over as their source: each of them must stand on its
 * own, without imports (types excepted), and gets from its arguments what it needs of the others.
 */

const parts: PageParts = {
  createFiles,
  createNumbers,
  createSender,
  createLookup,
  createOutlet,
  watchState,
  watchMessages,
};

/** Without these two, wa-js calls an analytics host, and asks third-party servers for link previews. */
const config = { disableGoogleAnalytics: true, linkPreviewApiServers: [] };

/** Reads wa-js from its package (half a megabyte). Rejects when the package is not installed. */
export async function readPageScript(): Promise<string> {
  const bundle = createRequire(import.meta.url).resolve("@wppconnect/wa-js");
  return pageScriptWith(await readFile(bundle, "utf8"));
}

function pageScriptWith(bundle: string): string {
  const sources = Object.entries(parts).map(([name, part]) => `${name}: ${String(part)}`);
  // Frames inside the page have no WhatsApp for wa-js to find. `__name` is what esbuild (tsx) puts around functions
  // when it keeps their names; a page does not have it.
  return `if (window === window.top) {
window.WPPConfig = ${JSON.stringify(config)};
${bundle}
;(() => {
const __name = (target) => target;
(${String(installInPage)})({ ${sources.join(",\n")} }, globalThis);
})();
}`;
}
