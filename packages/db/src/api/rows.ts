/** Rows as JSON has them: instants become ISO 8601 in UTC. The columns are named as the API names its fields. */
export function toJson<Row extends object>(row: object): Row {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row))
    plain[name] = value instanceof Date ? value.toISOString() : value;
  return plain as Row;
}

export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** Cuts a page out of one row more than was asked for, which says whether the list goes on. */
export function toPage<Item>(
  rows: Item[],
  limit: number,
  key: (item: Item) => readonly (string | number)[],
): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null };
}

/** The cursor was not made by this server. */
export class InvalidCursor extends Error {
  override readonly name = "InvalidCursor";
}

function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/** @param check whether each part is what it must be. @throws InvalidCursor */
export function decodeCursor<Key extends readonly unknown[]>(
  cursor: string | undefined,
  check: (parts: unknown) => parts is Key,
): Key | null {
  if (cursor === undefined) return null;
  const parts = parseCursor(cursor);
  if (!check(parts)) throw new InvalidCursor("not a cursor of this list");
  return parts;
}

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

const uuidForm = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;

export function isTimeAndId(parts: unknown): parts is readonly [string, string] {
  if (!Array.isArray(parts) || parts.length !== 2) return false;
  const [at, id]: unknown[] = parts;
  return (
    typeof at === "string" && !Number.isNaN(Date.parse(at)) && typeof id === "string" && uuidForm.test(id)
  );
}

export function isNumber(parts: unknown): parts is readonly [number] {
  return Array.isArray(parts) && parts.length === 1 && Number.isSafeInteger(parts[0]);
}

export function isText(parts: unknown): parts is readonly [string] {
  return Array.isArray(parts) && parts.length === 1 && typeof parts[0] === "string";
}

export function isUuid(parts: unknown): parts is readonly [string] {
  return isText(parts) && uuidForm.test(parts[0]);
}
