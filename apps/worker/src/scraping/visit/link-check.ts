import type { ReportData } from "@pregonero/contracts";
import type { Dispatcher } from "undici";
import { SiteUnreachable } from "../network/site-network.ts";
import { askSite } from "../network/site-fetch.ts";
import { TlsRefused } from "../network/site-agent.ts";

type BrokenLink = ReportData["links"]["broken_links"][number];

export interface LinkCheck {
  readonly agent: Dispatcher;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

const atOnce = 4;
const timeoutMs = 5_000;

/** Answers of sites that have the page and do not show it to robots. */
const guarded = new Set([401, 403, 407, 429, 451, 999]);
/** Answers to HEAD that say more about HEAD than about the page. */
const ask = new Set([400, 403, 404, 405, 406, 501]);

/** Tries links, four at once. The signal ends it early: what has not been tried by then is not counted. */
export async function checkLinks(
  links: readonly string[],
  check: LinkCheck,
): Promise<{ checked: number; broken: BrokenLink[] }> {
  const broken: BrokenLink[] = [];
  const waiting = [...links];
  let checked = 0;
  const work = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined && !check.signal.aborted; url = waiting.shift()) {
      const found = await tryLink(url, check);
      if (check.signal.aborted) return;
      checked++;
      if (found) broken.push(found);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { checked, broken: broken.toSorted((a, b) => links.indexOf(a.url) - links.indexOf(b.url)) };
}

/** Null when it leads somewhere. */
async function tryLink(url: string, check: LinkCheck): Promise<BrokenLink | null> {
  try {
    let status = await statusOf(url, "HEAD", check);
    if (ask.has(status)) status = await statusOf(url, "GET", check);
    return status >= 400 && !guarded.has(status) ? { url, status, error: null } : null;
  } catch (error) {
    return { url, status: null, error: reasonOf(error) };
  }
}

async function statusOf(url: string, method: "HEAD" | "GET", check: LinkCheck): Promise<number> {
  const { status, body } = await askSite(url, { ...check, method, timeoutMs });
  body.destroy();
  return status;
}

function reasonOf(error: unknown): string {
  if (error instanceof SiteUnreachable) return error.code;
  if (error instanceof TlsRefused) return "tls";
  if (error instanceof Error && (error.name === "TimeoutError" || /timeout/i.test(error.message)))
    return "timeout";
  if (error instanceof Error && /redirect/.test(error.message)) return "redirect_loop";
  return "connection";
}
