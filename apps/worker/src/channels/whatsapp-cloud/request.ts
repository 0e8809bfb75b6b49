import type { MediaContent, MessageContent, OutgoingMessage, TemplateContent } from "../channel.ts";

/** The body of `POST /{phone-number-id}/messages`. */
export function messageBody({ to, providerMessageId, content }: OutgoingMessage): string {
  return JSON.stringify({
    messaging_product: "whatsapp",
    recipient_type: "individual",
    to,
    ...contentPart(content),
    // Comes back in every status of this message: how an unknown outcome is settled.
    biz_opaque_callback_data: providerMessageId,
  });
}

function contentPart(content: MessageContent): object {
  switch (content.kind) {
    case "text":
      return { type: "text", text: { preview_url: false, body: content.text } };
    case "template":
      return { type: "template", template: templatePart(content) };
    case "media":
      return { type: content.mediaType, [content.mediaType]: mediaPart(content) };
  }
}

function templatePart({ name, language, components }: TemplateContent): object {
  return { name, language: { code: language }, ...(components.length > 0 ? { components } : {}) };
}

/** What a type of media does not have the API takes for a mistake. */
function mediaPart({ mediaType, link, caption, filename }: MediaContent): object {
  return {
    link,
    ...(caption !== undefined && mediaType !== "audio" ? { caption } : {}),
    ...(filename !== undefined && mediaType === "document" ? { filename } : {}),
  };
}
