/** Why: not http or https (or no address at all), not reachable for everybody, a port, a name and password inside. */
export type OutboundRefusal = "scheme" | "private_address" | "port" | "credentials";

/** The message is made for whoever gave the address and never says what it resolves to. */
export class OutboundRefused extends Error {
  override readonly name = "OutboundRefused";
  readonly code: OutboundRefusal;

  constructor(code: OutboundRefusal, message: string) {
    super(message);
    this.code = code;
  }
}
