import { PregoneroError } from "@pregonero/client";
import { OperatorError } from "@pregonero/runtime";

/** A failure whose message says all, and is all that is shown. */
export class CommandFailed extends OperatorError {
  override readonly name = "CommandFailed";
}

const shownLines = 14;

/** A failure for the person at the terminal. A process that did not start brings all its output: the end of it is told. */
export function describeFailure(error: unknown): string[] {
  const [first = "", ...rest] = textOf(error).trimEnd().split("\n");
  const cut = rest.length > shownLines ? ["…", ...rest.slice(-shownLines)] : rest;
  return [first, ...cut.map((line) => `  ${line}`)];
}

function textOf(error: unknown): string {
  if (error instanceof OperatorError) return error.message;
  if (error instanceof PregoneroError) {
    const errors = error.problem?.errors?.map(({ path, message }) => `${path}: ${message}`) ?? [];
    return [`The API answered ${error.status}: ${error.message}`, ...errors].join("\n");
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
