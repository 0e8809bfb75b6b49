import type { JobProgress } from "@pregonero/contracts";

export type ReadProgress = (ids: readonly string[]) => Promise<JobProgress[]>;

interface Waiting {
  readonly resolve: (row: JobProgress | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads the row of one job, together with those that others want at the same time: a thousand clients that come back
 * after a deploy cost one query and not a thousand.
 */
export class ProgressReader {
  readonly #read: ReadProgress;
  #waiting = new Map<string, Waiting[]>();

  constructor(read: ReadProgress) {
    this.#read = read;
  }

  /** @returns undefined when there is no such job. Rejects when Postgres cannot be asked. */
  one(id: string): Promise<JobProgress | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => void this.#flush());
      const others = this.#waiting.get(id) ?? [];
      this.#waiting.set(id, [...others, { resolve, reject }]);
    });
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    try {
      const rows = new Map((await this.#read([...waiting.keys()])).map((row) => [row.id, row]));
      for (const [id, callers] of waiting) for (const { resolve } of callers) resolve(rows.get(id));
    } catch (error) {
      for (const callers of waiting.values()) for (const { reject } of callers) reject(error);
    }
  }
}
