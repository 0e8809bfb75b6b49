import { jobContentSchema, type JobContent } from "@pregonero/contracts";
import type { ClaimedMessage } from "@pregonero/db";
import { parseTemplate, renderTemplate } from "@pregonero/domain";
import type { MessageContent } from "../channels/channel.ts";

/** What is sent to this recipient: the message's own text, or the job's text or content with its variables filled in. */
export function contentOf(
  message: Pick<ClaimedMessage, "text" | "body" | "variables" | "content">,
): MessageContent {
  const variables = message.variables ?? {};
  if (message.text !== null) return { kind: "text", text: message.text };
  if (message.content === null) return { kind: "text", text: render(message.body ?? "", variables) };
  return toChannel(filled(jobContentSchema.parse(message.content), variables) as JobContent);
}

function toChannel(content: JobContent): MessageContent {
  if (content.kind === "template") return content as MessageContent;
  const { link, media_type: mediaType, caption, filename } = content;
  return {
    kind: "media",
    mediaType,
    link,
    ...(caption === undefined ? {} : { caption }),
    ...(filename === undefined ? {} : { filename }),
  };
}

/** Every string of a JSON value, rendered. */
function filled(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string") return render(value, variables);
  if (Array.isArray(value)) return value.map((item) => filled(item, variables));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, variables)]));
}

function render(text: string, variables: Readonly<Record<string, string>>): string {
  return text.includes("{{") ? renderTemplate(parseTemplate(text), variables) : text;
}
