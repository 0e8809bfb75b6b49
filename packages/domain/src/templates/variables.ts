import { writtenValue, type Template, type TemplateVariable, type TemplateVariables } from "./template.ts";
import { variableKey } from "./variable-key.ts";

/** The variables that a template uses, each once, in order of appearance. Obligatory if any of its holes is. */
export function variablesOf(template: Template): TemplateVariable[] {
  const byKey = new Map<string, TemplateVariable>();
  for (const part of template.parts) {
    if (part.kind !== "variable") continue;
    const known = byKey.get(part.key);
    if (known && (known.fallback === null || part.fallback !== null)) continue;
    byKey.set(part.key, { name: known?.name ?? part.name, key: part.key, fallback: part.fallback });
  }
  return [...byKey.values()];
}

/** Values as a caller names them, keyed as templates look them up; blank ones are left out, the rest trimmed. */
export function keyVariables(given: Readonly<Record<string, string>>): TemplateVariables {
  const keyed: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const trimmed = value.trim();
    if (trimmed !== "") keyed[variableKey(name)] = trimmed;
  }
  return keyed;
}

/** Names of variables that some hole cannot do without and `variables` has no (readable) value of; each once. */
export function missingVariables(template: Template, variables: TemplateVariables): string[] {
  const missing = new Map<string, string>();
  for (const part of template.parts) {
    if (part.kind !== "variable" || writtenValue(part, variables) !== undefined) continue;
    if (!missing.has(part.key)) missing.set(part.key, part.name);
  }
  return [...missing.values()];
}
