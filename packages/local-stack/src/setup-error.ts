import { OperatorError } from "@pregonero/runtime";

/** Something that this machine lacks or that stands in the way. The message says what, and what to do about it. */
export class SetupError extends OperatorError {
  override readonly name = "SetupError";
}
