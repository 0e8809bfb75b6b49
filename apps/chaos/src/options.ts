import { parseArgs } from "node:util";
import { OperatorError } from "@pregonero/runtime";
import { faults } from "./faults/index.ts";

export interface Options {
  readonly seed: number;
  readonly short: boolean;
  /** Only faults whose name contains one of these, with commas between them, whatever the case. */
  readonly only: string | null;
  /** How long the long form goes on, once every fault has been tried. */
  readonly minutes: number;
}

const usage = "npm run chaos -- [--short] [--seed NUMBER] [--only FAULT,FAULT] [--minutes 1..30] [--list]";
const mostMinutes = 30;

/** @returns null when the faults were only to be listed. @throws OperatorError with the usage */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parse(args);
  if (values.list) return null;
  const seed = number("seed", values.seed ?? String(Math.floor(Math.random() * 2 ** 31)), 0, 2 ** 32 - 1);
  const minutes = number("minutes", values.minutes ?? String(mostMinutes), 1, mostMinutes);
  const only = values.only ?? null;
  if (only !== null && chosen(only).length === 0)
    throw new OperatorError(`No fault is called like "${only}". They are:\n${listed()}`);
  return { seed, short: values.short, only, minutes };
}

export const chosen = (only: string) => {
  const words = only.toLowerCase().split(",");
  return faults.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word.trim())));
};

export const listed = (): string => faults.map(({ name }) => `  ${name}`).join("\n");

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        short: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        seed: { type: "string" },
        only: { type: "string" },
        minutes: { type: "string" },
      },
    });
  } catch (error) {
    throw new OperatorError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new OperatorError(`--${name} must be a whole number from ${min} to ${max}\n${usage}`);
  return value;
}
