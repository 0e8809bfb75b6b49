import { monotonicMs } from "@pregonero/runtime";
import robotsParser from "robots-parser";
import type { Dispatcher } from "undici";
import { askSite } from "../network/site-fetch.ts";
import { VisitFailure } from "./failure.ts";

export interface RobotsOptions {
  readonly agent: Dispatcher;
  readonly userAgent: string;
  /** What the site's file may call us. */
  readonly robotName: string;
}

// Its types tell of an ES module; it is CommonJS and exports the function itself.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;
type Robot = ReturnType<typeof parseRobots>;

interface Rules {
  readonly robot: Robot | null;
  readonly readAtMs: number;
}

/** RFC 9309 lets a file be used for a day; an hour heeds a change on the same day. */
const keptMs = 3_600_000;
const mostKept = 2_000;
/** RFC 9309 asks for at least 500 KiB; what comes after is not read. */
const mostBytes = 512 * 1_024;
const timeoutMs = 8_000;

/** What sites ask of robots. Each site's file is read once an hour. */
export class RobotsDesk {
  readonly #options: RobotsOptions;
  readonly #rules = new Map<string, Rules>();

  constructor(options: RobotsOptions) {
    this.#options = options;
  }

  /** @throws VisitFailure `robots` when the site asks robots to keep away from there, or does not say what it asks */
  async check(url: string, signal: AbortSignal): Promise<void> {
    const { origin, hostname } = new URL(url);
    const robot = await this.#of(origin, signal);
    if (robot?.isDisallowed(url, this.#options.robotName)) {
      throw new VisitFailure("robots", `robots.txt of ${hostname} asks robots to keep away`, {
        finalUrl: url,
      });
    }
  }

  /** Without asking the site: links of a page that was just visited. */
  mayFollow(url: string): boolean {
    const rules = URL.canParse(url) ? this.#rules.get(new URL(url).origin) : undefined;
    return !rules?.robot?.isDisallowed(url, this.#options.robotName);
  }

  async #of(origin: string, signal: AbortSignal): Promise<Robot | null> {
    const kept = this.#rules.get(origin);
    if (kept && monotonicMs() - kept.readAtMs < keptMs) return kept.robot;
    const robot = await this.#read(`${origin}/robots.txt`, signal);
    if (this.#rules.size >= mostKept) this.#rules.delete(this.#rules.keys().next().value ?? "");
    this.#rules.set(origin, { robot, readAtMs: monotonicMs() });
    return robot;
  }

  /** Null when there are no rules. A site that cannot be reached has none either: the visit finds out why. */
  async #read(url: string, signal: AbortSignal): Promise<Robot | null> {
    const { agent, userAgent } = this.#options;
    const answer = await askSite(url, { agent, method: "GET", userAgent, timeoutMs, signal }).catch(
      () => null,
    );
    if (answer === null) return null;
    try {
      // RFC 9309: a server that fails may have rules that it cannot tell.
      if (answer.status >= 500)
        throw new VisitFailure("robots", `robots.txt cannot be read: HTTP ${answer.status}`, {
          finalUrl: url,
        });
      return answer.status < 300 ? parseRobots(url, await readText(answer.body)) : null;
    } finally {
      answer.body.destroy();
    }
  }
}

/** As far as the limit; what was read before an error counts. */
async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostBytes) break;
    }
  } catch {
    // Cut off: the rules up to there are rules.
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString("utf8");
}
