import { randomUUID } from "node:crypto";
import { z } from "zod";
import { MediaUnavailable, type OutgoingFile } from "../channel.ts";
import { jsonOf } from "../http/answers.ts";
import type { Exchange } from "../http/exchange.ts";

/** A form that uploads a file to `POST /{phone-number-id}/media`. */
export function uploadForm(file: OutgoingFile): { readonly contentType: string; readonly body: Buffer } {
  const boundary = `pregonero-${randomUUID()}`;
  const field = (name: string, value: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const name = (file.filename ?? "file").replaceAll(/["\r\n\\]/g, "_");
  const head =
    field("messaging_product", "whatsapp") +
    field("type", file.contentType) +
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n` +
    `content-type: ${file.contentType}\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

const uploadedSchema = z.object({ id: z.string().min(1).max(512) });

/** The id of an upload; null when the answer holds none. */
export function uploadedId(answer: Exchange): string | null {
  if (answer.kind !== "answered" || answer.status !== 200) return null;
  return uploadedSchema.safeParse(jsonOf(answer.body)).data?.id ?? null;
}

const locationSchema = z.object({
  url: z.url({ protocol: /^https?$/ }),
  mime_type: z.string().min(1).max(200).optional().catch(undefined),
  file_size: z.number().optional().catch(undefined),
});

export type FileLocation = z.output<typeof locationSchema>;

/** Hosts of Meta, to which an access token may go. */
const metaHosts = /(?:^|\.)(?:facebook\.com|fbsbx\.com|fbcdn\.net|whatsapp\.net|whatsapp\.com)$/;

/**
 * Where the file lies, by Meta's answer about its id.
 * @throws MediaUnavailable when Meta does not have it, Error when the answer says nothing
 */
export function fileLocation(answer: Exchange, apiUrl: string): FileLocation {
  if (answer.kind !== "answered") throw new Error(`Meta could not be asked: ${answer.reason}`);
  if (answer.status === 400 || answer.status === 404) throw new MediaUnavailable("Meta has no such file");
  const location = answer.status === 200 ? locationSchema.safeParse(jsonOf(answer.body)).data : undefined;
  if (!location) throw new Error(`an answer that is not Meta's (HTTP ${answer.status})`);
  const { protocol, hostname, origin } = new URL(location.url);
  const isMeta = protocol === "https:" && metaHosts.test(hostname);
  if (!isMeta && origin !== new URL(apiUrl).origin) {
    throw new MediaUnavailable("the file lies where the access token must not go");
  }
  return location;
}
