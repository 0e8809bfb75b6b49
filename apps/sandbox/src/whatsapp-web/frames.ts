import { z } from "zod";
import type { Credential } from "../network/accounts.ts";
import type { Inbound, LogoutReason } from "../network/device.ts";
import type { SendError } from "../network/fault-settings.ts";
import type { Receipt } from "../network/sender.ts";

/** A text may be long; anything longer than this is a mistake or media that belongs elsewhere. */
const maxTextLength = 1_000_000;

/** What the page says to the network, one JSON object per WebSocket message. */
export const pageFrameSchema = z.discriminatedUnion("t", [
  /** First frame of each connection. `keys` is what stands in the QR after the ref. */
  z.object({
    t: z.literal("hello"),
    keys: z.string().max(1_000),
    session: z.object({ id: z.string(), secret: z.string() }).nullable(),
  }),
  /** The page has its store open and wants to hear what was waiting. */
  z.object({ t: z.literal("resume") }),
  /** Receipts and messages, by their `n`, that are safely stored. */
  z.object({ t: z.literal("got"), ns: z.array(z.number()) }),
  z.object({
    t: z.literal("send"),
    id: z.string().min(1).max(200),
    to: z.string().max(200),
    text: z.string().max(maxTextLength),
    /** Uploaded before. */
    file: z.object({ id: z.string(), type: z.string() }).optional(),
  }),
  /** The chat was read here. */
  z.object({ t: z.literal("seen"), chat: z.string().max(200) }),
  z.object({ t: z.literal("exists"), n: z.number(), wid: z.string().max(200) }),
  z.object({ t: z.literal("pair"), n: z.number(), phone: z.string().max(40) }),
  z.object({ t: z.literal("refresh_qr") }),
  z.object({ t: z.literal("logout") }),
]);

export type PageFrame = z.output<typeof pageFrameSchema>;

export interface Me {
  readonly phone: string;
  readonly lid: string;
}

/** What the network says to the page. */
export type NetworkFrame =
  | { readonly t: "qr"; readonly ref: string | null }
  | { readonly t: "linked"; readonly session: Credential; readonly me: Me }
  | { readonly t: "accepted"; readonly me: Me }
  | { readonly t: "settings"; readonly lidChats: boolean }
  | { readonly t: "sent"; readonly id: string; readonly to: string; readonly result: "OK" }
  | {
      readonly t: "sent";
      readonly id: string;
      readonly to: string;
      readonly result: SendError;
      readonly keeps: "failed" | "outbox";
    }
  | { readonly t: "answer"; readonly n: number; readonly value: unknown }
  | { readonly t: "answer"; readonly n: number; readonly error: string }
  | ({ readonly t: "receipt"; readonly n: number } & Receipt)
  | ({ readonly t: "message"; readonly n: number } & Inbound)
  | { readonly t: "event"; readonly name: string; readonly args: readonly unknown[] }
  | { readonly t: "logged_out"; readonly reason: LogoutReason }
  | { readonly t: "conflict" }
  | { readonly t: "hang"; readonly ms: number };
