import { randomBytes } from "node:crypto";
import { z } from "zod";
import { isWellFormed } from "../network/numbers.ts";
import { newWamid, type CloudAccount } from "./cloud-account.ts";

const plain = z.record(z.string(), z.unknown());

/** What somebody sends to the account, in the words of the webhook; `text` may be just the text. */
export const inboundSchema = z
  .strictObject({
    from: z.string().refine(isWellFormed, "must be 8 to 15 digits, without the plus"),
    name: z.string().default("Someone"),
    /** Id of the message that this one answers. */
    reply_to: z.string().optional(),
    text: z
      .union([z.string().transform((body) => ({ body })), z.strictObject({ body: z.string() })])
      .optional(),
    /** Press of a template's quick reply: `{text, payload}`. */
    button: z.strictObject({ text: z.string(), payload: z.string() }).optional(),
    /** Press of a reply button or choice from a list: `{type: "button_reply", button_reply: {id, title}}`. */
    interactive: plain.optional(),
    image: plain.optional(),
    video: plain.optional(),
    audio: plain.optional(),
    document: plain.optional(),
    sticker: plain.optional(),
    location: plain.optional(),
    reaction: plain.optional(),
  })
  .refine(
    ({ from: _from, name: _name, reply_to: _replyTo, ...content }) => Object.keys(content).length === 1,
    "must hold exactly one of text, button, interactive, image, video, audio, document, sticker, location, reaction",
  );

export type CloudInbound = z.output<typeof inboundSchema>;

const mimeTypes: Readonly<Record<string, string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg; codecs=opus",
  document: "application/pdf",
  sticker: "image/webp",
};

/** Media comes as an id that is to be fetched; the link is not part of it. */
function mediaDefaults(type: string): object {
  const mimeType = mimeTypes[type];
  if (mimeType === undefined) return {};
  return {
    id: randomBytes(8).readBigUInt64BE().toString(),
    mime_type: mimeType,
    sha256: randomBytes(32).toString("base64"),
  };
}

/** Tells the account's webhook of the message. @returns its id */
export function receiveInbound(account: CloudAccount, inbound: CloudInbound): string {
  const { from, name, reply_to, ...content } = inbound;
  const [type = "text", fields = {}] = Object.entries(content)[0] ?? [];
  const id = newWamid(from);
  const message = {
    ...(reply_to === undefined ? {} : { context: { from: account.registration.phone, id: reply_to } }),
    from,
    id,
    timestamp: String(Math.floor(Date.now() / 1000)),
    type,
    [type]: { ...mediaDefaults(type), ...fields },
  };
  account.hear(message, { waId: from, name });
  return id;
}
