import { FilterError, type Filter } from "./filters.ts";
import { filtersOf } from "./hole.ts";
import { valueFor } from "./value-for.ts";
import { variableKey } from "./variable-key.ts";

/**
 * Texts with holes: `{{name}}` takes the recipient's variable, `{{name|friend}}` falls back to the text after the bar,
 * `{{name|capitalize|default:"friend"}}` sends it through filters, from left to right; `{{"{{"}}` writes two braces.
 * Names are matched whatever their case, accents and spaces.
 */
export interface Template {
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | ({ readonly kind: "variable"; readonly filters: readonly Filter[] } & TemplateVariable);

export interface TemplateVariable {
  /** As it stands in the text, for messages to people. */
  readonly name: string;
  /** What it is looked up by. */
  readonly key: string;
  /** Written when the recipient has no value; null makes the variable obligatory. */
  readonly fallback: string | null;
}

/** Values by `variableKey(name)`. */
export type TemplateVariables = Readonly<Record<string, string>>;

/** The text is not a template; the message is for the person who wrote it. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const openBraces = "{{";
const closeBraces = "}}";
const quotedBraces = '"{{"';
const longestName = 64;

/** @throws TemplateError when a hole is not closed, has no usable name, or names a filter that there is not. */
export function parseTemplate(body: string): Template {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < body.length) {
    const open = body.indexOf(openBraces, at);
    if (open < 0) break;
    if (open > at) parts.push({ kind: "text", text: body.slice(at, open) });
    const inside = insideOf(body, open);
    parts.push(partOf(inside));
    at = open + openBraces.length + inside.length + closeBraces.length;
  }
  if (at < body.length) parts.push({ kind: "text", text: body.slice(at) });
  return { parts };
}

function insideOf(body: string, open: number): string {
  const from = open + openBraces.length;
  // The quoted braces would otherwise read as a hole that opens inside another.
  const quoted = /^\s*"\{\{"\s*(?=\}\})/.exec(body.slice(from, from + longestName));
  if (quoted) return quoted[0];
  const close = body.indexOf(closeBraces, from);
  const again = body.indexOf(openBraces, from);
  if (close < 0 || (again >= 0 && again < close)) {
    throw new TemplateError(`"${excerpt(body, open)}" opens a variable with {{ that no }} closes.`);
  }
  return body.slice(from, close);
}

function partOf(inside: string): TemplatePart {
  if (inside.trim() === quotedBraces) return { kind: "text", text: openBraces };
  const bar = inside.indexOf("|");
  const name = (bar < 0 ? inside : inside.slice(0, bar)).trim();
  const key = variableKey(name);
  if (key === "" || name.length > longestName || /[{}\n\r]/.test(inside)) {
    throw new TemplateError(`"{{${excerpt(inside, 0)}}}" is not the name of a variable.`);
  }
  const filters = bar < 0 ? [] : filtersIn(inside, bar + 1);
  return { kind: "variable", name, key, filters, fallback: filtered(filters, undefined) ?? null };
}

function filtersIn(inside: string, from: number): readonly Filter[] {
  try {
    return filtersOf(inside.slice(from));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new TemplateError(`"{{${excerpt(inside, 0)}}}": ${error.message}`);
  }
}

function filtered(filters: readonly Filter[], given: string | undefined): string | undefined {
  return filters.reduce((value, filter) => filter(value), given);
}

function excerpt(text: string, from: number): string {
  const shown = text.slice(from, from + 24).replaceAll(/\s+/g, " ");
  return from + 24 < text.length ? `${shown}…` : shown;
}

/** The text with every hole filled. @throws TemplateError when an obligatory variable has no value. */
export function renderTemplate(template: Template, variables: TemplateVariables): string {
  let text = "";
  for (const part of template.parts) text += part.kind === "text" ? part.text : valueOf(part, variables);
  return text;
}

type VariablePart = Extract<TemplatePart, { kind: "variable" }>;

function valueOf(variable: VariablePart, variables: TemplateVariables): string {
  const value = writtenValue(variable, variables);
  if (value !== undefined) return value;
  throw new TemplateError(`The variable "${variable.name}" has no value.`);
}

/** What a hole is filled with; undefined when there is no value, or none that its filters can read, and no default. */
export function writtenValue(variable: VariablePart, variables: TemplateVariables): string | undefined {
  return filtered(variable.filters, valueFor(variables, variable.key));
}

/** A template that renders to exactly `text`, whatever braces are in it. */
export function literalTemplate(text: string): string {
  return text.replaceAll(openBraces, `{{${quotedBraces}}}`);
}
