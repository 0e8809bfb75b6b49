/** The value of a variable, trimmed; undefined when there is none or it is blank. */
export function valueFor(variables: Readonly<Record<string, string>>, key: string): string | undefined {
  // Own ones only: a variable may well be called "constructor".
  if (!Object.hasOwn(variables, key)) return undefined;
  return variables[key]?.trim() || undefined;
}
