import { z } from "zod";

/** What is read out of a page. It was written by strangers: bounded there, and parsed again here. */
export const pageFactsSchema = z.object({
  title: z.string().max(1_000).nullable(),
  description: z.string().max(2_000).nullable(),
  language: z.string().max(40).nullable(),
  headings: z.array(z.object({ level: z.int().min(1).max(6), text: z.string().max(300) })).max(100),
  wordCount: z.int(),
  /** Absolute addresses, fragments cut, each once. */
  links: z.array(z.string().max(2_000)).max(1_000),
  /** Other schemes: mailto, tel, whatsapp. */
  contactLinks: z.array(z.string().max(500)).max(200),
  linkCount: z.int(),
  scripts: z.array(z.string().max(2_000)).max(300),
  styles: z.array(z.string().max(2_000)).max(300),
  generator: z.string().max(300).nullable(),
  /** Names of global variables that technologies are known by, with their version if they tell one. */
  globals: z.record(z.string(), z.string().max(60)),
  markers: z.array(z.string().max(60)).max(100),
  height: z.number(),
  timings: z.object({
    ttfb: z.number().nullable(),
    domReady: z.number().nullable(),
    load: z.number().nullable(),
  }),
});
export type PageFacts = z.infer<typeof pageFactsSchema>;

/** The little of a browser's page that is read; the worker itself has no DOM. */
interface PageElement {
  readonly tagName: string;
  readonly textContent: string | null;
  readonly src?: unknown;
  readonly href?: unknown;
  getAttribute(name: string): string | null;
}
interface PageDocument {
  readonly title: string;
  readonly baseURI: string;
  readonly documentElement: { readonly lang: string; readonly scrollHeight: number } | null;
  readonly body: { readonly innerText: string; readonly scrollHeight: number } | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): ArrayLike<PageElement>;
}
interface NavigationEntry {
  readonly responseStart: number;
  readonly domContentLoadedEventEnd: number;
  readonly loadEventEnd: number;
}
interface PagePerformance {
  getEntriesByType(type: "navigation"): readonly NavigationEntry[];
}
declare const document: PageDocument;

export interface LookFor {
  /** Global variables, as `jQuery` or `wp.i18n`, and where each keeps its version. */
  readonly globals: Readonly<Record<string, string>>;
  /** CSS selectors of elements. */
  readonly selectors: readonly string[];
}

/**
 * Runs in the page, as its source: it can name nothing outside of itself. A page may have replaced what is called here;
 * then it lies about itself alone.
 */
export function readPage(lookFor: LookFor): unknown {
  const cut = (text: string | null | undefined, most: number): string | null =>
    text === null || text === undefined || text.trim() === ""
      ? null
      : text.trim().replace(/\s+/g, " ").slice(0, most);
  const meta = (name: string): string | null =>
    document.querySelector(`meta[name="${name}" i],meta[property="${name}" i]`)?.getAttribute("content") ??
    null;
  const links = new Set<string>();
  const contacts = new Set<string>();
  const anchors = document.querySelectorAll("a[href],area[href]");
  for (const anchor of Array.from(anchors).slice(0, 5_000)) {
    const raw = anchor.getAttribute("href") ?? "";
    try {
      const url = new URL(raw, document.baseURI);
      const web = url.protocol === "https:" || url.protocol === "http:";
      url.hash = "";
      if (web && links.size < 1_000 && url.href.length <= 2_000) links.add(url.href);
      if (/^(mailto|tel|whatsapp|sms):$/.test(url.protocol) && contacts.size < 200)
        contacts.add(url.href.slice(0, 500));
    } catch {
      // Not an address: leads nowhere.
    }
  }
  const globals: Record<string, string> = {};
  const dig = (path: string): unknown =>
    path
      .split(".")
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], globalThis);
  for (const [name, versionPath] of Object.entries(lookFor.globals)) {
    try {
      if (dig(name) === undefined || dig(name) === null) continue;
      const version = versionPath === "" ? "" : dig(versionPath);
      globals[name] = typeof version === "string" ? version.slice(0, 60) : "";
    } catch {
      // A getter that throws is not the library's.
    }
  }
  const [entry] = (performance as unknown as PagePerformance).getEntriesByType("navigation");
  const at = (ms: number | undefined): number | null =>
    ms === undefined || ms <= 0 ? null : Math.round(ms * 10) / 10;
  const urlsOf = (selector: string, name: "src" | "href"): string[] =>
    Array.from(document.querySelectorAll(selector), (one) => one[name])
      .filter((url): url is string => typeof url === "string" && url !== "" && url.length <= 2_000)
      .slice(0, 300);
  const text = document.body?.innerText ?? "";
  return {
    title: cut(document.title, 1_000),
    description: cut(meta("description") ?? meta("og:description"), 2_000),
    language: cut(document.documentElement?.lang, 40),
    headings: Array.from(document.querySelectorAll("h1,h2,h3,h4,h5,h6"))
      .slice(0, 100)
      .map((one) => ({ level: Number(one.tagName.slice(1)), text: cut(one.textContent, 300) ?? "" })),
    wordCount: (text.slice(0, 5_000_000).match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu) ?? []).length,
    links: [...links],
    contactLinks: [...contacts],
    linkCount: anchors.length,
    scripts: urlsOf("script[src]", "src"),
    styles: urlsOf('link[rel~="stylesheet" i][href]', "href"),
    generator: cut(meta("generator"), 300),
    globals,
    markers: lookFor.selectors.filter((selector) => document.querySelector(selector) !== null).slice(0, 100),
    height: Math.max(document.documentElement?.scrollHeight ?? 0, document.body?.scrollHeight ?? 0),
    timings: {
      ttfb: at(entry?.responseStart),
      domReady: at(entry?.domContentLoadedEventEnd),
      load: at(entry?.loadEventEnd),
    },
  };
}
