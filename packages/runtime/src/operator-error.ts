/** An error whose message is written for the person who started the process and says all there is to say: no stack is shown. */
export class OperatorError extends Error {
  override readonly name: string = "OperatorError";
}
