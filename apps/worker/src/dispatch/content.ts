import { storedContentSchema, type StoredContent } from "@pregonero/contracts";
import type { ClaimedMessage } from "@pregonero/db";
import { parseTemplate, renderTemplate, type Template } from "@pregonero/domain";
import type { MessageContent } from "../channels/channel.ts";

/** Of the jobs that a worker sends for at a time, with room to spare. */
const mostTemplates = 200;

/**
 * What is sent to a recipient: the message's own text, or the job's text or content with its variables filled in.
 * Remembers the templates that it has read: a job has thousands of messages and one text.
 */
export class Contents {
  readonly #templates = new Map<string, Template>();

  /** @throws when a variable has no value, or the job's text or content cannot be read: put there by hand */
  of(message: Pick<ClaimedMessage, "tenantId" | "text" | "body" | "variables" | "content">): MessageContent {
    const variables = message.variables ?? {};
    if (message.text !== null) return { kind: "text", text: message.text };
    if (message.content === null) return { kind: "text", text: this.#render(message.body ?? "", variables) };
    const content = storedContentSchema.parse(message.content);
    if (content.kind !== "file") return toChannel(this.#filled(content, variables) as typeof content);
    const { media_id: mediaId, caption } = content;
    return { kind: "file", tenantId: message.tenantId, mediaId, caption };
  }

  /** Every string of a JSON value, rendered. */
  #filled(value: unknown, variables: Readonly<Record<string, string>>): unknown {
    if (typeof value === "string") return this.#render(value, variables);
    if (Array.isArray(value)) return value.map((item) => this.#filled(item, variables));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.#filled(item, variables)]),
    );
  }

  #render(text: string, variables: Readonly<Record<string, string>>): string {
    return text.includes("{{") ? renderTemplate(this.#template(text), variables) : text;
  }

  #template(text: string): Template {
    const known = this.#templates.get(text);
    if (known) return known;
    const template = parseTemplate(text);
    if (this.#templates.size >= mostTemplates) this.#templates.clear();
    this.#templates.set(text, template);
    return template;
  }
}

function toChannel(content: Exclude<StoredContent, { kind: "file" }>): MessageContent {
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
