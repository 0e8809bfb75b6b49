export type Cell = string | number | Date | null | undefined;

/** What is exported: rows come in batches, and the next is read when there is room for it. */
export interface Table {
  /** Also the name of the file, with what it is added. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly (readonly Cell[])[]>;
}
