import type { ContextStatus } from "../../browser/context-reporter.ts";
import type { ConnectionState } from "../channel.ts";

/**
 * How long after a send the context still counts as busy, in ms. Sends of a turn follow each other within that time:
 * a row update for each of them would be two per message.
 */
const lingerMs = 250;

/** Keeps the context's status in step with the connection and the sends: `available` again after each, come what may. */
export class ContextStatusKeeper {
  readonly #report: (status: ContextStatus, detail?: string) => void;
  #connection: ConnectionState = "connecting";
  #reason: string | undefined;
  #sends = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(report: (status: ContextStatus, detail?: string) => void) {
    this.#report = report;
  }

  connection(state: ConnectionState, reason?: string): void {
    this.#connection = state;
    this.#reason = reason;
    this.#tell();
  }

  sendBegan(): void {
    this.#sends += 1;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell();
  }

  sendEnded(): void {
    this.#sends -= 1;
    if (this.#sends > 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, lingerMs);
  }

  /** Nothing is reported any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tell(): void {
    const connected = this.#connection === "connected";
    if (this.#connection === "error") this.#report("error", this.#reason);
    else if (!connected) this.#report("disconnected", this.#reason ?? this.#connection);
    else if (this.#sends > 0) this.#report("busy");
    else if (this.#timer === undefined) this.#report("available");
  }
}
