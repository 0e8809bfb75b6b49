import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const recordSchema = z.object({ linkedAt: z.coerce.date() });

/**
 * When the session in a profile was linked. Kept beside the session because it must go where the session goes: linking
 * anew empties WhatsApp's store, and what was sent before is not found in it although it was sent.
 */
export class SessionRecord {
  readonly #path: string;

  constructor(profileDir: string) {
    this.#path = join(profileDir, "pregonero-session.json");
  }

  /** Null when nothing (or nothing readable) was recorded. */
  async linkedAt(): Promise<Date | null> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.#path, "utf8"))).linkedAt;
    } catch {
      return null;
    }
  }

  async linked(at: Date): Promise<void> {
    // Renamed into place: half a record would read as none.
    await writeFile(`${this.#path}.new`, JSON.stringify({ linkedAt: at.toISOString() }));
    await rename(`${this.#path}.new`, this.#path);
  }
}
