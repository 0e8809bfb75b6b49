/** Where somebody is in a stream: the last event that they have. */
export interface Position {
  /** Milliseconds since 1970 of the stream's beginning. Another epoch is another stream: its numbers mean nothing here. */
  readonly epoch: number;
  readonly number: number;
}

export function formatPosition({ epoch, number }: Position): string {
  return `${epoch}-${number}`;
}

/** @returns undefined for what is no position */
export function parsePosition(text: string): Position | undefined {
  const [, epoch, number] = /^(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch: Number(epoch), number: Number(number) };
}
