/** One field of two things that are compared, named by its path: `links.broken`. */
export interface ComparedField {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly changed: boolean;
  /** Of numbers: after less before. */
  readonly difference?: number;
  /** Of lists: what only one of them has. */
  readonly added?: unknown[];
  readonly removed?: unknown[];
}

/** Compares two things made of JSON, leaf by leaf; lists are leaves. In the order of their fields. */
export function compareFields(before: unknown, after: unknown): ComparedField[] {
  const [old, young] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...old.keys(), ...young.keys()])].map((field) =>
    compared(field, old.get(field) ?? null, young.get(field) ?? null),
  );
}

function leavesOf(thing: unknown, path = "", leaves = new Map<string, unknown>()): Map<string, unknown> {
  if (typeof thing !== "object" || thing === null || Array.isArray(thing)) return leaves.set(path, thing);
  for (const [name, value] of Object.entries(thing))
    leavesOf(value, path === "" ? name : `${path}.${name}`, leaves);
  return leaves;
}

function compared(field: string, before: unknown, after: unknown): ComparedField {
  const changed = JSON.stringify(before) !== JSON.stringify(after);
  const base = { field, before, after, changed };
  if (typeof before === "number" && typeof after === "number") {
    // Without the dust of binary fractions.
    return { ...base, difference: Math.round((after - before) * 1_000) / 1_000 };
  }
  if (!Array.isArray(before) && !Array.isArray(after)) return base;
  const [old, young] = [listOf(before), listOf(after)];
  return { ...base, added: without(young, old), removed: without(old, young) };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function without(list: readonly unknown[], others: readonly unknown[]): unknown[] {
  const known = new Set(others.map((one) => JSON.stringify(one)));
  return list.filter((one) => !known.has(JSON.stringify(one)));
}
