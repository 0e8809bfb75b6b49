import type { ClaimedNotification } from "@pregonero/db";
import { textsIn, type Told } from "./texts.ts";

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const figureKeys = [
  "total",
  "sent",
  "delivered",
  "read",
  "completed",
  "failed",
  "cancelled",
  "skipped",
  "unknown",
  "http_status",
  "title",
] as const;

/** The mail about a notification. @param publicUrl where the product is, without a slash at the end; null: no link */
export function mailFor(notification: ClaimedNotification, publicUrl: string | null): Mail {
  const { language, jobId, data } = notification;
  const texts = textsIn(language);
  const told = toldOf(notification);
  const headline = texts.headline(told);
  const rows = [
    ...figureKeys.map((key) => [texts.figures[key] ?? key, data[key]] as const),
    [texts.reason, data["status_reason"] ?? data["error_message"]] as const,
  ].flatMap(([label, value]) => {
    const words = sayValue(value, language);
    return words === "" ? [] : [{ label, words }];
  });
  const link = publicUrl === null || jobId === null ? null : `${publicUrl}/job/${jobId}`;
  const lines = [headline, "", ...rows.map(({ label, words }) => `${label}: ${words}`)];
  if (link !== null) lines.push("", `${texts.open}: ${link}`);
  return {
    subject: oneLine(texts.subject(told)),
    text: [...lines, "", "--", texts.footer, ""].join("\n"),
    html: page({ language, headline, rows, link, open: texts.open, footer: texts.footer }),
  };
}

function toldOf({ event, jobType, jobId, data }: ClaimedNotification): Told {
  const word = (value: unknown) => (typeof value === "string" ? value : "");
  const name = word(data["name"]) || (jobId ?? "").slice(0, 8);
  return { event, jobType, name, step: word(data["step"]), status: word(data["status"]) };
}

function sayValue(value: unknown, language: string): string {
  if (typeof value === "number") return new Intl.NumberFormat(language).format(value);
  return typeof value === "string" ? oneLine(value) : "";
}

/** A subject with a line break in it would be two headers. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, 200);
}

interface Page {
  readonly language: string;
  readonly headline: string;
  readonly rows: readonly { readonly label: string; readonly words: string }[];
  readonly link: string | null;
  readonly open: string;
  readonly footer: string;
}

const font = "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif";

/** Inline styles and tables: what mail programs understand. */
function page({ language, headline, rows, link, open, footer }: Page): string {
  const table = rows
    .map(
      ({ label, words }) =>
        `<tr><td style="padding:8px 0;color:#5b6470;border-bottom:1px solid #e6e9ee">${escape(label)}</td><td align="right" style="padding:8px 0;font-weight:600;border-bottom:1px solid #e6e9ee">${escape(words)}</td></tr>`,
    )
    .join("");
  const button =
    link === null
      ? ""
      : `<p style="margin:24px 0 0"><a href="${escape(link)}" style="background:#0b7a5b;color:#ffffff;padding:12px 20px;border-radius:6px;text-decoration:none;font-weight:600;display:inline-block">${escape(open)}</a></p>`;
  return `<!doctype html><html lang="${escape(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Pregonero</title></head><body style="margin:0;padding:24px;background:#f3f5f8;${font};color:#17202a;font-size:15px;line-height:1.5"><table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td align="center"><table role="presentation" width="560" cellspacing="0" cellpadding="0" style="max-width:560px;width:100%;background:#ffffff;border-radius:10px"><tr><td style="padding:28px 32px"><p style="margin:0 0 4px;color:#0b7a5b;font-weight:700">Pregonero</p><h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${escape(headline)}</h1><table role="presentation" width="100%" cellspacing="0" cellpadding="0">${table}</table>${button}</td></tr></table><p style="color:#7a8491;font-size:12px;margin:16px 0 0">${escape(footer)}</p></td></tr></table></body></html>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
