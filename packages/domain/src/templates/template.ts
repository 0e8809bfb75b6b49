import { variableKey } from "./variable-key.ts";

/**
 * Texts with holes: `{{name}}` takes the recipient's variable, `{{name|friend}}` falls back to the text after the bar,
 * `{{"{{"}}` writes two braces. Names are matched whatever their case, accents and spaces.
 */
export interface Template {
  readonly parts: readonly TemplatePart[];
}

export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "variable";
      /** As it stands in the text, for messages to people. */
      readonly name: string;
      /** What it is looked up by. */
      readonly key: string;
      /** Written when the recipient has no value; null makes the variable obligatory. */
      readonly fallback: string | null;
    };

export interface TemplateVariable {
  readonly name: string;
  readonly key: string;
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

/** @throws TemplateError when a hole is not closed or has no usable name. */
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
  return { kind: "variable", name, key, fallback: bar < 0 ? null : inside.slice(bar + 1).trim() };
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

function valueOf(variable: TemplateVariable, variables: TemplateVariables): string {
  const value = Object.hasOwn(variables, variable.key) ? variables[variable.key] : undefined;
  if (value !== undefined && value !== "") return value;
  if (variable.fallback !== null) return variable.fallback;
  throw new TemplateError(`The variable "${variable.name}" has no value.`);
}

/** A template that renders to exactly `text`, whatever braces are in it. */
export function literalTemplate(text: string): string {
  return text.replaceAll(openBraces, `{{${quotedBraces}}}`);
}
