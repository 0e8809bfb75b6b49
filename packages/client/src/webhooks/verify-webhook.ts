import type { WebhookEvent } from "@pregonero/contracts";

/** The request did not come from Pregonero, or somebody posts an old one again: answer 400 and do nothing. */
export class WebhookRefused extends Error {
  override readonly name = "WebhookRefused";
}

/** Headers as Node, Express or `fetch` have them. */
export type WebhookRequestHeaders =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyWebhookOptions {
  /** How old a delivery may be, ms; five minutes by default. Each try has a time of its own. */
  readonly toleranceMs?: number;
  readonly now?: () => number;
}

const defaultToleranceMs = 5 * 60_000;
const header = "x-pregonero-signature";

/**
 * Whether a delivery is genuine.
 *
 * @param secret as the endpoint's making or its last rotation told it
 * @param rawBody exactly what came, before any parsing: text or bytes
 * @returns the event; new types come with new releases, so let pass what you do not know, and tell repetitions by `id`
 * @throws WebhookRefused
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookRequestHeaders,
  rawBody: string | Uint8Array,
  { toleranceMs = defaultToleranceMs, now = Date.now }: VerifyWebhookOptions = {},
): Promise<WebhookEvent> {
  const { at, signatures } = parse(valueOf(headers));
  if (Math.abs(now() - Number(at) * 1_000) > toleranceMs)
    throw new WebhookRefused("The delivery is too old, or the clocks differ.");
  const body = typeof rawBody === "string" ? rawBody : new TextDecoder().decode(rawBody);
  const signed = new TextEncoder().encode(`${at}.${body}`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "verify",
  ]);
  for (const signature of signatures)
    // Compares in constant time.
    if (await crypto.subtle.verify("HMAC", key, signature, signed)) return JSON.parse(body) as WebhookEvent;
  throw new WebhookRefused("The signature is not right.");
}

function valueOf(headers: WebhookRequestHeaders): string {
  const value = typeof headers.get === "function" ? headers.get(header) : Reflect.get(headers, header);
  if (typeof value === "string") return value;
  throw new WebhookRefused(`The header ${header} is missing.`);
}

function parse(value: string): { at: string; signatures: Uint8Array<ArrayBuffer>[] } {
  const at = /(?:^|,)t=(\d{1,12})(?:,|$)/.exec(value)?.[1];
  const hex = [...value.matchAll(/(?<=^|,)v1=([\da-f]{64})(?=,|$)/g)];
  if (at === undefined || hex.length === 0)
    throw new WebhookRefused(`The header ${header} is not well formed.`);
  return { at, signatures: hex.map(([, digits = ""]) => bytesOf(digits)) };
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  for (let n = 0; n < bytes.length; n += 1) bytes[n] = Number.parseInt(hex.slice(2 * n, 2 * n + 2), 16);
  return bytes;
}
