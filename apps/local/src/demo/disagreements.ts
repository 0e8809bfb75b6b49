/** A number for which the two sides count differently. */
export interface Disagreement {
  readonly phone: string;
  /** Messages that were said to be sent to it. */
  readonly sent: number;
  /** Messages that its phone got. */
  readonly arrived: number;
}

function countOf(phones: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const phone of phones) counts.set(phone, (counts.get(phone) ?? 0) + 1);
  return counts;
}

/** Every number of which not exactly what was sent arrived; sorted. */
export function disagreements(sent: readonly string[], arrived: readonly string[]): Disagreement[] {
  const sentBy = countOf(sent);
  const arrivedBy = countOf(arrived);
  const phones = [...new Set([...sentBy.keys(), ...arrivedBy.keys()])].sort();
  return phones
    .map((phone) => ({ phone, sent: sentBy.get(phone) ?? 0, arrived: arrivedBy.get(phone) ?? 0 }))
    .filter((row) => row.sent !== row.arrived);
}
