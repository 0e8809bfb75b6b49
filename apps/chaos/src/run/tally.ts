import type { Injection } from "./inject.ts";

/** One line of the table. */
export interface Tally {
  readonly name: string;
  injected: number;
  messages: number;
  lost: number;
  doubled: number;
  unknown: number;
  failed: number;
  /** The longest of all injections, seconds. */
  recoverS: number;
  /** Every finding in words. */
  readonly findings: string[];
  /** Why it was not tried. */
  skipped: string | null;
}

export const newTally = (name: string): Tally => ({
  name,
  injected: 0,
  messages: 0,
  lost: 0,
  doubled: 0,
  unknown: 0,
  failed: 0,
  recoverS: 0,
  findings: [],
  skipped: null,
});

export function add(tally: Tally, { verdict, recoverMs, wrong }: Injection): void {
  tally.injected += 1;
  tally.messages += verdict.promised;
  tally.lost += verdict.lost.length;
  tally.doubled += verdict.doubled.length;
  tally.unknown += verdict.unknown;
  tally.failed += verdict.failed;
  tally.recoverS = Math.max(tally.recoverS, Math.round(recoverMs / 100) / 10);
  tally.findings.push(...verdict.lost, ...verdict.doubled, ...verdict.wrong, ...wrong);
}
