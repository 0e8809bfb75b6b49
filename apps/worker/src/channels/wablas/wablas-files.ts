import type { OutboundGuard } from "@pregonero/outbound";
import { OutboundRefused } from "@pregonero/outbound";
import { MediaUnavailable, type IncomingFile, type OutgoingFile, type OutgoingMessage } from "../channel.ts";
import { download } from "../http/download.ts";

/** Where a file of each type goes, one message a call. */
const paths = {
  image: "/api/send-image-from-local",
  video: "/api/send-video-from-local",
  audio: "/api/send-audio-from-local",
  document: "/api/send-document-from-local",
  // Stickers are pictures to it.
  sticker: "/api/send-image-from-local",
} as const;

/** A call that sends a file: a form with the bytes in base64. */
export function fileCall(
  message: OutgoingMessage,
  file: OutgoingFile,
): { readonly path: string; readonly body: string } {
  const caption = message.content.kind === "file" ? (message.content.caption ?? "") : "";
  const form = new URLSearchParams({
    phone: message.to,
    caption,
    file: file.bytes.toString("base64"),
    data: JSON.stringify({
      name: file.filename ?? "file",
      type: file.contentType,
      size: file.bytes.length,
    }),
    ref_id: message.providerMessageId,
  });
  return { path: paths[file.type], body: form.toString() };
}

/**
 * A file of a message that came in. Its address was told by an unsigned webhook, so it may be anything: nothing in our own
 * network is asked, except the gateway's host itself.
 * @throws MediaUnavailable, Error when another try may succeed
 */
export async function fetchWablasFile(
  url: string,
  options: { host: string; guard: OutboundGuard; maxBytes: number; withinMs: number; signal: AbortSignal },
): Promise<IncomingFile> {
  const { host, guard, maxBytes, withinMs, signal } = options;
  const isGateway = URL.canParse(url) && new URL(url).origin === new URL(host).origin;
  if (isGateway) return await download(url, { maxBytes, withinMs, signal });
  try {
    guard.checkUrl(url);
    return await download(url, { maxBytes, withinMs, signal, lookup: guard.lookup });
  } catch (error) {
    const refusal = error instanceof Error && error.cause instanceof OutboundRefused ? error.cause : error;
    throw refusal instanceof OutboundRefused ? new MediaUnavailable(refusal.message) : error;
  }
}
