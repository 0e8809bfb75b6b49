import { sleep } from "@pregonero/runtime";
import type { Channel, SendOutcome } from "../../src/channels/channel.ts";

/** A provider that takes every message after `delayMs`. */
export function provider(maxInFlight: number, delayMs: number): Channel {
  const sent: SendOutcome = { kind: "sent", ack: "sent" };
  const never = () => Promise.reject(new Error("not of this bench"));
  return {
    maxInFlight,
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: delayMs === 0 ? () => Promise.resolve(sent) : () => sleep(delayMs).then(() => sent),
    lookup: () => Promise.resolve(new Map()),
    checkNumber: () => Promise.resolve("dont_know"),
    requestPairingCode: never,
    logout: never,
  };
}
