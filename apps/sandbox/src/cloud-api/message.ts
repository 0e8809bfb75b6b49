import { isLongerThan } from "../gateway/text-length.ts";
import { isWellFormed } from "../network/numbers.ts";
import type { FileFacts } from "../network/files.ts";
import type { ArrivedFile } from "../network/ledger.ts";
import { GraphError, missing, notValid, required } from "./graph-error.ts";
import { renderTemplate } from "./template.ts";
import { isFields, wordOf, type Fields } from "./fields.ts";
import type { Template } from "./registration.ts";

export interface CloudMessage {
  /** As the caller wrote it. */
  readonly input: string;
  /** E.164 digits. */
  readonly to: string;
  readonly isTemplate: boolean;
  /** What the recipient sees; of media the kind and the link, then the caption. */
  readonly text: string;
  readonly callbackData: string | null;
  readonly file?: ArrivedFile | undefined;
}

/** What an upload is, by its id. */
export type FindUpload = (id: string) => FileFacts | undefined;

const maxTextLength = 4_096;
const maxCaptionLength = 1_024;
const maxCallbackDataLength = 512;

const mediaTypes = ["image", "document", "video", "audio"] as const;
type MediaType = (typeof mediaTypes)[number];

const tooLong = (name: string, most: number): GraphError =>
  new GraphError(100, { details: `Param ${name} must be at most ${most} characters long.` });

function readRecipient(fields: Fields): { input: string; to: string } {
  const input = fields["to"];
  if (input === undefined || input === "") throw required("to");
  if (typeof input !== "string") throw notValid("to must be a string.");
  const kind = fields["recipient_type"] ?? "individual";
  if (kind !== "individual") throw new GraphError(100, { details: "recipient_type must be individual." });
  // The usual ways to write a number are understood.
  const to = input.replace(/[\s+().-]/g, "");
  if (!isWellFormed(to)) throw notValid("Recipient phone number is malformed.");
  return { input, to };
}

function readCallbackData(fields: Fields): string | null {
  const data = fields["biz_opaque_callback_data"];
  if (data === undefined) return null;
  if (typeof data !== "string") throw notValid("biz_opaque_callback_data must be a string.");
  if (isLongerThan(data, maxCallbackDataLength))
    throw tooLong("biz_opaque_callback_data", maxCallbackDataLength);
  return data;
}

function contentOf(fields: Fields, type: string): Fields {
  const content = fields[type];
  if (content === undefined) throw missing(`Parameter of type ${type} is missing ${type} value.`);
  if (!isFields(content)) throw notValid(`${type} must be an object.`);
  return content;
}

function readText(content: Fields): string {
  const body = content["body"];
  if (body === undefined || body === "") throw missing("text['body'] is missing.");
  if (typeof body !== "string") throw notValid("text['body'] must be a string.");
  if (isLongerThan(body, maxTextLength)) throw tooLong("text['body']", maxTextLength);
  const preview = content["preview_url"] ?? false;
  if (typeof preview !== "boolean") throw notValid("text['preview_url'] must be true or false.");
  return body;
}

function readMedia(type: MediaType, content: Fields, find: FindUpload): Pick<CloudMessage, "text" | "file"> {
  const link = content["link"];
  const id = content["id"];
  const upload = typeof id === "string" ? find(id) : undefined;
  if (id !== undefined && upload === undefined)
    throw notValid(`${type}['id'] is not the id of an uploaded media object.`);
  if (link === undefined && upload === undefined) throw missing(`${type}['link'] is missing.`);
  if (upload === undefined && (typeof link !== "string" || !/^https?:\/\/\S+$/i.test(link)))
    throw notValid(`${type}['link'] is not a valid URL.`);
  const caption = content["caption"] ?? "";
  if (typeof caption !== "string") throw notValid(`${type}['caption'] must be a string.`);
  if (type === "audio" && caption !== "") throw new GraphError(100, { details: "audio has no caption." });
  if (isLongerThan(caption, maxCaptionLength)) throw tooLong(`${type}['caption']`, maxCaptionLength);
  if (upload !== undefined) return { text: caption, file: { ...upload, type } };
  return { text: `[${type}] ${String(link)}${caption === "" ? "" : ` ${caption}`}` };
}

function readContent(
  fields: Fields,
  templates: readonly Template[],
  find: FindUpload,
): Pick<CloudMessage, "text" | "isTemplate" | "file"> {
  const type = fields["type"] ?? "text";
  if (type === "text") return { text: readText(contentOf(fields, type)), isTemplate: false };
  if (type === "template")
    return { text: renderTemplate(contentOf(fields, type), templates), isTemplate: true };
  const media = mediaTypes.find((known) => known === type);
  if (media === undefined)
    throw new GraphError(131051, { details: `Message type ${wordOf(type)} is unsupported.` });
  return { ...readMedia(media, contentOf(fields, media), find), isTemplate: false };
}

/**
 * The body of `POST /{phone_number_id}/messages`.
 * @throws GraphError saying what is wrong, with WhatsApp's code for it.
 */
export function readMessage(
  body: string,
  templates: readonly Template[],
  find: FindUpload = () => undefined,
): CloudMessage {
  const fields = parse(body);
  const product = fields["messaging_product"];
  if (product === undefined) throw required("messaging_product");
  if (product !== "whatsapp")
    throw new GraphError(100, { message: '(#100) Param messaging_product must be one of {"WHATSAPP"}' });
  const recipient = readRecipient(fields);
  const callbackData = readCallbackData(fields);
  return { ...recipient, callbackData, ...readContent(fields, templates, find) };
}

/** The id of the message that is told to have been read; null for a message that is to be sent. */
export function readReceipt(body: string): string | null {
  const { status, message_id: id } = parse(body);
  return status === "read" && typeof id === "string" ? id : null;
}

/** What is no JSON object has no parameters. */
function parse(body: string): Fields {
  try {
    const parsed: unknown = JSON.parse(body);
    return isFields(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
