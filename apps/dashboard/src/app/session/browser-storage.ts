/** What a browser remembers. Private windows and strict settings may refuse: then it is forgotten with the page. */

const prefix = "pregonero.";

export function readChoice(name: string, storage: () => Storage = () => localStorage): string | null {
  try {
    return storage().getItem(prefix + name);
  } catch {
    return null;
  }
}

export function storeChoice(
  name: string,
  value: string | null,
  storage: () => Storage = () => localStorage,
): void {
  try {
    if (value === null) storage().removeItem(prefix + name);
    else storage().setItem(prefix + name, value);
  } catch {
    // See above.
  }
}
