import { isFilterName, makeFilter, type Filter } from "./filters.ts";

/**
 * What stands after the first bar of a hole. It is a chain of filters (`upper|default:"amigo"`) when one of its links is
 * a filter's name, or is written as a call with quotes; else all of it is the default text, as in `{{name|friend}}`.
 *
 * @throws FilterError when a link of a chain is no filter
 */
export function filtersOf(rest: string): readonly Filter[] {
  const links = split(rest, "|");
  if (!links.some(looksLikeFilter)) {
    const text = rest.trim();
    return [(value) => value ?? text];
  }
  return links.map((link) => {
    const { name, args } = callOf(link);
    return makeFilter(name, args);
  });
}

function looksLikeFilter(link: string): boolean {
  const { name } = callOf(link);
  return isFilterName(name) || /^\s*[\w-]+\s*:\s*"[^"]*"\s*(,|$)/.test(link);
}

/** `name:arg,"other arg"`. */
function callOf(link: string): { name: string; args: string[] } {
  const colon = link.indexOf(":");
  if (colon < 0) return { name: link.trim(), args: [] };
  return { name: link.slice(0, colon).trim(), args: split(link.slice(colon + 1), ",").map(unquoted) };
}

function unquoted(argument: string): string {
  const text = argument.trim();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

/** Splits where `at` stands outside of quotes. */
function split(text: string, at: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '"') quoted = !quoted;
    else if (text[index] === at && !quoted) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
