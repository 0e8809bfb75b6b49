import { request, type Dispatcher } from "undici";

/** Redirects that are followed: as many as RFC 9309 asks of readers of robots.txt. */
const mostRedirects = 5;

export interface Answer {
  readonly status: number;
  readonly url: string;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly body: Dispatcher.ResponseData["body"];
}

export interface Ask {
  readonly agent: Dispatcher;
  readonly method: "GET" | "HEAD";
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * The answer at the end of the redirects; its body is to be read or destroyed. Every hop goes through the guarded network.
 * Rejects with what the connection says, or when there are too many.
 */
export async function askSite(url: string, ask: Ask): Promise<Answer> {
  const signals = [AbortSignal.timeout(ask.timeoutMs), ...(ask.signal ? [ask.signal] : [])];
  let at = url;
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const { statusCode, headers, body } = await request(at, {
      dispatcher: ask.agent,
      method: ask.method,
      headers: { "user-agent": ask.userAgent, accept: "*/*" },
      signal: AbortSignal.any(signals),
    });
    // A body that is not wanted may end with an error: nobody is to hear of it.
    body.on("error", () => undefined);
    const location = headers["location"];
    if (statusCode < 300 || statusCode >= 400 || typeof location !== "string") {
      return { status: statusCode, url: at, headers, body };
    }
    body.destroy();
    const next = URL.canParse(location, at) ? new URL(location, at) : null;
    if (next === null || !/^https?:$/.test(next.protocol)) throw new Error("the redirect leads nowhere");
    at = next.href;
  }
  throw new Error(`more than ${mostRedirects} redirects`);
}
