export interface Receipt {
  readonly messageId: string;
  /** Wid of the chat, `…@c.us` or `…@lid`. */
  readonly chat: string;
  /** The number of that chat. */
  readonly phone: string;
  /** 1 sent, 2 delivered, 3 read. */
  readonly ack: 1 | 2 | 3;
  /** s since 1970. */
  readonly at: number;
}

/** Whoever hands a message in: a session of an account, or a gateway. */
export interface Sender {
  /** The account, E.164 digits. */
  readonly phone: string;
  tell(receipt: Receipt): void;
}
