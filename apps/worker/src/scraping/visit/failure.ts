import type { ScrapingErrorCode } from "@pregonero/contracts";

/** A visit that ends without a report. The message is for people and holds nothing that a page made up. */
export class VisitFailure extends Error {
  override readonly name = "VisitFailure";
  readonly code: ScrapingErrorCode;
  /** The site's answer, when there was one. */
  readonly httpStatus: number | null;
  readonly finalUrl: string | null;
  /** The site asked for so long a pause, ms. */
  readonly retryAfterMs: number | null;

  constructor(
    code: ScrapingErrorCode,
    message: string,
    more: { httpStatus?: number; finalUrl?: string; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.code = code;
    this.httpStatus = more.httpStatus ?? null;
    this.finalUrl = more.finalUrl ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

const byNetError: readonly (readonly [RegExp, ScrapingErrorCode])[] = [
  [/^ERR_TOO_MANY_REDIRECTS/, "redirect_loop"],
  [/^ERR_(CERT|SSL|BAD_SSL)/, "tls"],
  [/^ERR_NAME_/, "dns"],
  [/TIMED_OUT$/, "timeout"],
  // What becomes of a navigation that turns out to be a file to save.
  [/^ERR_ABORTED$/, "download"],
  [/^ERR_(BLOCKED|UNSAFE|DISALLOWED)/, "blocked"],
];

/** What Chromium's own error says; everything about connections that is not known better is `connection`. */
export function codeOfNetError(netError: string): ScrapingErrorCode {
  return byNetError.find(([form]) => form.test(netError))?.[1] ?? "connection";
}

/** The code in puppeteer's message: `net::ERR_… at https://…`. */
export function netErrorIn(text: string): string | undefined {
  return /net::(ERR_[A-Z0-9_]+)/.exec(text)?.[1];
}
