import type { JobContent } from "@pregonero/contracts";
import { parseTemplate, type Template } from "@pregonero/domain";

/** All strings of a content as one template: what it needs of a recipient is what any of them needs. */
export function contentTemplate(content: JobContent): Template {
  return { parts: stringsOf(content).flatMap((text) => parseTemplate(text).parts) };
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** What a content is, in the place where a campaign shows its text. */
export function describeContent(content: JobContent): string {
  if (content.kind === "template") return `[${content.name} · ${content.language}]`;
  return content.caption ?? `[${content.media_type}]`;
}
