import { z } from "zod";
import { isLongerThan } from "../gateway/text-length.ts";
import type { FileShelf } from "../network/files.ts";
import type { ArrivedFile } from "../network/ledger.ts";
import { Refusal } from "./refusal.ts";

export interface WablasMessage {
  /** As the caller wrote it; whether it is a number at all is told by tracking. */
  readonly phone: string;
  readonly message: string;
  readonly refId: string;
  readonly file?: ArrivedFile | undefined;
}

const maxMessages = 100;
const maxLength = 1_024;

const scalar = z.union([z.string(), z.number()]).transform(String);

const messageSchema = z.object({
  phone: scalar,
  message: z.string(),
  // A string in the documentation, a boolean in much code that works.
  isGroup: z.union([z.enum(["true", "false"]), z.boolean().transform(String)]).default("false"),
  ref_id: scalar.default(""),
});

const bodySchema = z.object({ data: z.array(z.unknown()) });

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function readOne(given: unknown, index: number): WablasMessage {
  const parsed = messageSchema.safeParse(given);
  if (!parsed.success) throw new Refusal(`data.${index}: phone and message are required`);
  const { phone, message, isGroup, ref_id } = parsed.data;
  if (isGroup === "true") throw new Refusal(`data.${index}: group not found`);
  if (message === "") throw new Refusal(`data.${index}: message is required`);
  if (isLongerThan(message, maxLength))
    throw new Refusal(`data.${index}: message must not be longer than ${maxLength} characters`);
  return { phone, message, refId: ref_id };
}

/**
 * The body of `POST /api/v2/send-message`. One message that is not valid refuses them all.
 * @throws Refusal
 */
export function readSendRequest(body: string): WablasMessage[] {
  const parsed = bodySchema.safeParse(parseJson(body));
  if (!parsed.success || parsed.data.data.length === 0) throw new Refusal("data is required");
  const { data } = parsed.data;
  if (data.length > maxMessages) throw new Refusal(`data must not hold more than ${maxMessages} messages`);
  return data.map(readOne);
}

const fileDataSchema = z.object({ name: z.string().default("file"), type: z.string().optional() });

/**
 * The form of `POST /api/send-{type}-from-local`: a file in base64, with a caption.
 * @throws Refusal
 */
export function readFileRequest(type: string, body: string, files: FileShelf): WablasMessage {
  const form = new URLSearchParams(body);
  const [phone, base64] = [form.get("phone") ?? "", form.get("file") ?? ""];
  if (phone === "" || base64 === "") throw new Refusal("phone and file are required");
  const told = fileDataSchema.safeParse(parseJson(form.get("data") ?? "{}")).data;
  const contentType = told?.type ?? "application/octet-stream";
  const facts = files.put(Buffer.from(base64, "base64"), { contentType, filename: told?.name ?? null });
  const message = form.get("caption") ?? "";
  return { phone, message, refId: form.get("ref_id") ?? "", file: { ...facts, type } };
}
