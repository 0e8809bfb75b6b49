import type {
  MediaContent,
  MessageContent,
  OutgoingFile,
  OutgoingMessage,
  TemplateContent,
} from "../channel.ts";

/** A file that Meta has got already. */
export interface Upload {
  readonly id: string;
  readonly file: Pick<OutgoingFile, "type" | "filename">;
}

/** What tells Meta that a message, and all before it, were read. */
export function readBody(wamid: string): string {
  return JSON.stringify({ messaging_product: "whatsapp", status: "read", message_id: wamid });
}

/** The body of `POST /{phone-number-id}/messages`. */
export function messageBody(
  { to, providerMessageId, content }: OutgoingMessage,
  upload: Upload | null = null,
): string {
  return JSON.stringify({
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    ...contentPart(content, upload),
    // Comes back in every status of this message: how an unknown outcome is settled.
    biz_opaque_callback_data: providerMessageId,
  });
}

function contentPart(content: MessageContent, upload: Upload | null): object {
  switch (content.kind) {
    case "text":
      return { type: "text", text: { preview_url: false, body: content.text } };
    case "template":
      return { type: "template", template: templatePart(content) };
    case "media":
      return { type: content.mediaType, [content.mediaType]: mediaPart(content.mediaType, content) };
    case "file": {
      if (upload === null) throw new Error("a file is sent by the id of its upload");
      const { id, file } = upload;
      const filename = file.filename ?? undefined;
      return { type: file.type, [file.type]: { id, ...captionPart(file.type, content.caption, filename) } };
    }
  }
}

function templatePart({ name, language, components }: TemplateContent): object {
  return { name, language: { code: language }, ...(components.length > 0 ? { components } : {}) };
}

function mediaPart(type: string, { link, caption, filename }: MediaContent): object {
  return { link, ...captionPart(type, caption, filename) };
}

/** What a type of media does not have the API takes for a mistake. */
function captionPart(type: string, caption: string | undefined, filename: string | undefined): object {
  const hasCaption = type === "image" || type === "video" || type === "document";
  return {
    ...(caption !== undefined && hasCaption ? { caption } : {}),
    ...(filename !== undefined && type === "document" ? { filename } : {}),
  };
}
