import { z } from "zod";

/*
 * What goes between the worker and the page, all of it plain JSON. What comes from the page is parsed: the page is
 * somebody else's, and may be a version that we have not seen.
 */

/** Times are of the page's own `performance.now()`, ms, and hold for one document only: `timeOrigin` names it. */
export interface SendRequest {
  /** The bare provider message id. */
  readonly id: string;
  /** E.164 digits. */
  readonly to: string;
  /** The chat that the number is known to have; null when it must be asked for first. */
  readonly chatId: string | null;
  readonly text: string;
  /** A file that was handed over under this name; `text` is its caption then. */
  readonly file: {
    readonly name: string;
    readonly type: string;
    readonly contentType: string;
    readonly filename: string | null;
  } | null;
  readonly timeOrigin: number;
  /** From here on WhatsApp must not be told to send. */
  readonly beginBeforeMs: number;
  /** When to give up waiting for WhatsApp's answer. */
  readonly endByMs: number;
}

export interface LookupRequest {
  readonly items: readonly { readonly id: string; readonly to: string | null }[];
  /** How long a number may be asked for, ms. */
  readonly checkMs: number;
}

export const existsAnswerSchema = z.discriminatedUnion("exists", [
  /** `chatId` is WhatsApp's own spelling of the number, which may differ from ours (Brazil, Mexico, Argentina). */
  z.object({ exists: z.literal("yes"), chatId: z.string() }),
  z.object({ exists: z.literal("no") }),
  z.object({ exists: z.literal("dont_know"), detail: z.string() }),
]);
export type ExistsAnswer = z.output<typeof existsAnswerSchema>;

export const sendReportSchema = z.discriminatedUnion("phase", [
  /** WhatsApp was not told to send and will not be. */
  z.object({
    phase: z.literal("not_begun"),
    why: z.enum(["late", "other_document", "not_connected", "no_number", "number_unknown", "no_chat"]),
    detail: z.string(),
  }),
  z.object({
    phase: z.literal("ended"),
    how: z.enum(["resolved", "rejected", "timed_out"]),
    /** `messageSendResult`, or the error that it was rejected with. */
    result: z.string(),
    /** What the store says of the id afterwards; null when it does not know it. */
    ack: z.number().nullable(),
    /** The chat that it went to. */
    chatId: z.string(),
  }),
]);
export type SendReport = z.output<typeof sendReportSchema>;

/** `in_flight`: its call is still going on, so that its absence proves nothing. */
export const lookupReportSchema = z.record(
  z.string(),
  z.union([z.number(), z.enum(["not_found", "in_flight", "dont_know"])]),
);
export type LookupReport = z.output<typeof lookupReportSchema>;

export const clockReadingSchema = z.object({ timeOrigin: z.number(), nowMs: z.number() });
export type ClockReading = z.output<typeof clockReadingSchema>;

const pageSnapshotSchema = z.object({
  kind: z.literal("snapshot"),
  mode: z.string().nullable(),
  info: z.string().nullable(),
  authenticated: z.boolean(),
  /** wa-js is fully ready: also so on the QR page. */
  ready: z.boolean(),
  qr: z.string().nullable(),
  /** Digits of the number that the session belongs to. */
  me: z.string().nullable(),
});
export type PageSnapshot = z.output<typeof pageSnapshotSchema>;

const pageEventSchema = z.discriminatedUnion("kind", [
  /** A new document: times of the one before are void. */
  z.object({ kind: z.literal("document"), timeOrigin: z.number() }),
  pageSnapshotSchema,
  z.object({ kind: z.literal("ack"), id: z.string(), ack: z.number(), atMs: z.number() }),
  z.object({
    kind: z.literal("inbound"),
    id: z.string(),
    /** Phone digits, or `<digits>@lid` when the page does not know the number behind it. */
    from: z.string(),
    /** What WhatsApp calls a number that it hides, when the number is known. */
    hidden: z.string().nullable(),
    /** As they call themselves. */
    name: z.string().nullable(),
    /** text, image, audio, … */
    type: z.string(),
    text: z.string().nullable(),
    atMs: z.number(),
    /** Typed on the phone, or on another device of the account. */
    own: z.boolean(),
    media: z
      .object({
        /** The key of the message, by which its file is asked for. */
        key: z.string(),
        contentType: z.string(),
        filename: z.string().nullable(),
        bytes: z.number().nullable(),
      })
      .nullable(),
  }),
  z.object({ kind: z.literal("logged_out"), reason: z.string().nullable() }),
  z.object({ kind: z.literal("alarm"), name: z.string(), detail: z.string() }),
]);
export type PageEvent = z.output<typeof pageEventSchema>;

/** The page hands its events over in batches, as JSON. */
export const pageEventsSchema = z.array(pageEventSchema);

/** A file that lies ready in the page, to be read in parts; `missing`: WhatsApp does not have it (any more). */
export const fetchedFileSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("ready"), name: z.string(), contentType: z.string(), bytes: z.number() }),
  z.object({ state: z.literal("missing"), detail: z.string() }),
]);
export type FetchedFile = z.output<typeof fetchedFileSchema>;

/** What the page script offers, under `window.pregonero`. */
export interface PageApi {
  clock(): ClockReading;
  exists(phone: string, checkMs: number): Promise<ExistsAnswer>;
  send(request: SendRequest): Promise<SendReport>;
  lookup(request: LookupRequest): Promise<LookupReport>;
  requestPairingCode(phone: string): Promise<string>;
  logout(): Promise<boolean>;
  markRead(chatId: string): Promise<boolean>;
  /** Adds to a file that a send is to carry. */
  addToFile(name: string, base64: string): boolean;
  dropFile(name: string): boolean;
  /** Has WhatsApp fetch the file of a message. */
  fetchFile(key: string): Promise<FetchedFile>;
  /** A part of a fetched file, in base64. */
  readFile(name: string, from: number, length: number): Promise<string>;
}
