/** All in ms. */
export interface WhatsAppWebTimeouts {
  /** From the start of the navigation until wa-js knows the state of the connection. */
  readonly readyMs: number;
  /** A whole send, with the number check; after it the outcome is ambiguous. */
  readonly sendMs: number;
  /** One question whether a number is on WhatsApp. */
  readonly checkMs: number;
  /** One batch of a lookup. */
  readonly lookupMs: number;
  /** Pairing code, logout. */
  readonly actionMs: number;
  /** How long WhatsApp may take to fetch the file of a message. */
  readonly fetchMs: number;
  /** Between two signs of life of the page. */
  readonly heartbeatMs: number;
  /** How long one may take; the second one that is missed in a row means that the page hangs. */
  readonly heartbeatAnswerMs: number;
}

export const defaultTimeouts: WhatsAppWebTimeouts = {
  readyMs: 60_000,
  sendMs: 30_000,
  checkMs: 10_000,
  lookupMs: 30_000,
  actionMs: 30_000,
  fetchMs: 60_000,
  heartbeatMs: 15_000,
  heartbeatAnswerMs: 10_000,
};
