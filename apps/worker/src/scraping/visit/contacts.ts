import type { ReportData } from "@pregonero/contracts";

type Contacts = ReportData["contacts"];

/** Of each kind: a page may have thousands. */
const most = 50;

const networks: readonly (readonly [string, RegExp])[] = [
  ["facebook", /(^|\.)(facebook|fb)\.com$/],
  ["instagram", /(^|\.)instagram\.com$/],
  ["x", /(^|\.)(twitter|x)\.com$/],
  ["linkedin", /(^|\.)linkedin\.com$/],
  ["youtube", /(^|\.)(youtube\.com|youtu\.be)$/],
  ["tiktok", /(^|\.)tiktok\.com$/],
  ["telegram", /(^|\.)t\.me$/],
  ["pinterest", /(^|\.)pinterest\.[a-z.]+$/],
  ["threads", /(^|\.)threads\.(net|com)$/],
];

/** Buttons that share the page are no contact of the site. */
const sharing = /\/(sharer|share|intent|dialog)\b|sharearticle/i;

const whatsAppHosts = /(^|\.)(wa\.me|whatsapp\.com)$/;

/** How the site can be reached, by its own links. Numbers and addresses as the links have them, each once. */
export function contactsOf(links: readonly string[], contactLinks: readonly string[]): Contacts {
  const emails = new Set<string>();
  const phones = new Set<string>();
  const whatsapp = new Set<string>();
  const social = new Map<string, string>();
  for (const href of contactLinks) {
    const [, scheme, rest = ""] = /^(\w+):([^?]*)/.exec(href) ?? [];
    if (scheme === "mailto")
      for (const email of decoded(rest).split(",")) add(emails, email.trim().toLowerCase());
    else if (scheme === "tel" || scheme === "sms") add(phones, decoded(rest).replace(/[^\d+]/g, ""));
    else if (scheme === "whatsapp") add(whatsapp, numberIn(href));
  }
  for (const href of links) {
    const url = URL.canParse(href) ? new URL(href) : null;
    if (!url) continue;
    if (whatsAppHosts.test(url.hostname)) add(whatsapp, numberIn(href));
    const network = networks.find(([, form]) => form.test(url.hostname))?.[0];
    if (network === undefined || url.pathname === "/" || sharing.test(url.pathname)) continue;
    if (social.size < most) social.set(href, network);
  }
  return {
    emails: [...emails],
    phones: [...phones],
    whatsapp: [...whatsapp],
    social: Array.from(social, ([url, network]) => ({ network, url })),
  };
}

function add(set: Set<string>, value: string): void {
  if (value !== "" && set.size < most) set.add(value);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `wa.me/34600…`, `?phone=34600…`: digits; a link without a number (a share button) has none. */
function numberIn(href: string): string {
  return (/(?:wa\.me\/|[?&]phone=)\+?(?:%2B)?(\d{6,15})/i.exec(href)?.[1] ?? "").trim();
}
