/** A position taken apart: `<epoch>-<number>`. */
export interface Place {
  readonly epoch: string;
  readonly number: number;
}

export function placeOf(position: string): Place {
  const dash = position.indexOf("-");
  return { epoch: position.slice(0, dash), number: Number(position.slice(dash + 1)) };
}
