import { Agent, request, type Dispatcher } from "undici";
import type { LookupFunction } from "node:net";
import { MediaUnavailable, type IncomingFile } from "../channel.ts";

export interface DownloadOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** For the whole of it, ms. */
  readonly withinMs: number;
  /** Checks what a name resolves to, when it is connected to. */
  readonly lookup?: LookupFunction;
  readonly signal: AbortSignal;
}

/** What a provider says when a file is gone for good. */
const goneStatuses: ReadonlySet<number> = new Set([400, 404, 410]);

/**
 * Fetches a file. Redirects are not followed: they could lead to where nobody has checked.
 * @throws MediaUnavailable when it is gone, or too large; Error when another try may succeed
 */
export async function download(url: string, options: DownloadOptions): Promise<IncomingFile> {
  const { headers = {}, lookup, maxBytes, withinMs } = options;
  const agent = new Agent({ connect: lookup === undefined ? {} : { lookup } });
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(withinMs)]);
  try {
    const answer = await request(url, { dispatcher: agent, headers, signal });
    if (answer.statusCode !== 200) {
      const reason = `HTTP ${answer.statusCode} instead of a file`;
      throw goneStatuses.has(answer.statusCode) ? new MediaUnavailable(reason) : new Error(reason);
    }
    return { contentType: contentTypeOf(answer), bytes: await bytesOf(answer, maxBytes) };
  } finally {
    await agent.destroy();
  }
}

function contentTypeOf({ headers }: Dispatcher.ResponseData): string {
  const given = headers["content-type"];
  return typeof given === "string" && given !== "" ? given.slice(0, 200) : "application/octet-stream";
}

async function bytesOf({ headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new MediaUnavailable(`more than ${maxBytes} bytes`);
  if (Number(headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
