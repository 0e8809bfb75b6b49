import type { InboundMessage } from "@pregonero/chat";

type Media = NonNullable<InboundMessage["media"]>;

const types: Readonly<Record<string, Media["type"] | undefined>> = {
  image: "image",
  video: "video",
  audio: "audio",
  ptt: "audio",
  document: "document",
  file: "document",
  sticker: "sticker",
};

const usualTypes: Readonly<Record<Media["type"], string>> = {
  image: "image/jpeg",
  video: "video/mp4",
  audio: "audio/ogg",
  document: "application/octet-stream",
  sticker: "image/webp",
};

/** The file of a message, by its address at the gateway; null when it has none. What it is, the download tells. */
export function wablasMediaOf(incoming: {
  readonly messageType: string;
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly mimeType?: string | undefined;
}): Media | null {
  const type = types[incoming.messageType.toLowerCase()];
  const ref = [incoming.url, incoming.file].find(
    (given) => given !== undefined && /^https?:\/\//.test(given),
  );
  if (type === undefined || ref === undefined) return null;
  const name = new URL(ref).pathname.split("/").at(-1) ?? "";
  return {
    type,
    contentType: incoming.mimeType ?? usualTypes[type],
    filename: name === "" ? null : name.slice(0, 200),
    ref,
  };
}
