import type { Session } from "../../src/network/accounts.ts";
import type { OutgoingMessage, SendReply } from "../../src/network/delivery.ts";
import type { Device } from "../../src/network/device.ts";
import type { Network } from "../../src/network/network.ts";
import type { Receipt } from "../../src/network/sender.ts";

/** A device that writes down what it is told; for tests that need no browser. */
export class NotingDevice implements Device {
  readonly receipts: { readonly messageId: string; readonly ack: Receipt["ack"]; readonly n: number }[] = [];
  readonly notes: string[] = [];

  receipt({ messageId, ack }: Receipt, n: number): void {
    this.receipts.push({ messageId, ack, n });
  }

  inbound({ text }: { readonly text: string }): void {
    this.notes.push(`inbound ${text}`);
  }

  loggedOut(reason: string): void {
    this.notes.push(`logged out ${reason}`);
  }

  replaced(): void {
    this.notes.push("replaced");
  }

  backendEvent(name: string): void {
    this.notes.push(name);
  }
}

export function linkSession(network: Network, phone: string): Session {
  return network.accounts.link(phone);
}

/** Sends and waits for the network's answer. */
export function submit(network: Network, session: Session, message: OutgoingMessage): Promise<SendReply> {
  return new Promise((resolve) => {
    network.send(session, message, resolve);
  });
}
