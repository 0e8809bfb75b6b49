import type { InboundMessage } from "@pregonero/chat";
import type { PageEvent } from "./page/messages.ts";

type Told = Extract<PageEvent, { kind: "inbound" }>;

const mediaTypes = ["image", "video", "audio", "document", "sticker"] as const;

/** A message as the page tells of it, in the words of all channels. */
export function inboundOf({ id, from, hidden, name, type, text, atMs, own, media }: Told): InboundMessage {
  const mediaType = mediaTypes.find((candidate) => candidate === type);
  return {
    providerMessageId: id,
    phone: from,
    type,
    text,
    at: new Date(atMs),
    fromMe: own,
    ...(hidden === null ? {} : { hiddenPhone: hidden }),
    ...(name === null || name.trim() === "" ? {} : { pushedName: name }),
    ...(media === null || mediaType === undefined
      ? {}
      : {
          media: {
            type: mediaType,
            contentType: media.contentType,
            filename: media.filename,
            ref: media.key,
          },
        }),
  };
}
