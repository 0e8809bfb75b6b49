import type { ChatMessage, Conversation } from "@pregonero/client";
import type { Written } from "./composer.ts";

/** What a reply looks like until the server has taken it. */
export function pendingReply({ id, device_id }: Conversation, { text, file }: Written): ChatMessage {
  return {
    id: crypto.randomUUID(),
    conversation_id: id,
    device_id,
    direction: "outbound",
    type: file === null ? "text" : "document",
    text: [file?.name, text].filter(Boolean).join("\n"),
    media: null,
    state: "queued",
    error_code: null,
    origin: "reply",
    job_id: null,
    at: new Date().toISOString(),
  };
}
