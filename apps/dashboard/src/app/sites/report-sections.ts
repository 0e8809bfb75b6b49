import type { Report } from "@pregonero/client";
import type { Format } from "../i18n/format.ts";
import type { Translated } from "../i18n/texts.ts";
import type { sitesTexts } from "./sites.i18n.ts";

type Texts = Translated<(typeof sitesTexts)["es"]>;

export interface Section {
  readonly title: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly lines: readonly string[];
}

/** A report as people read it: facts with their names, and lists. */
export function reportSections(report: Report, { report: t, steps }: Texts, format: Format): Section[] {
  const ms = (value: number | null) => (value === null ? "–" : steps.ms(format.number(Math.round(value))));
  const { links, contacts, timings, weight, tls } = report;
  const facts = (title: string, pairs: readonly (readonly [string, string | number | null])[]): Section => ({
    title,
    facts: pairs.map(([name, value]) => ({ name, value: value === null ? "–" : String(value) })),
    lines: [],
  });
  const list = (title: string, lines: readonly string[]): Section => ({
    title,
    facts: [],
    lines: lines.length === 0 ? [t.nothing] : lines,
  });
  return [
    facts(t.page, [
      [t.address, report.final_url],
      [t.status, report.http_status],
      [t.redirects, report.redirects.length],
      [t.titleField, report.title],
      [t.description, report.description],
      [t.language, report.language],
      [t.words, format.number(report.word_count)],
    ]),
    facts(t.speed, [
      [t.ttfb, ms(timings.ttfb_ms)],
      [t.ready, ms(timings.dom_ready_ms)],
      [t.load, ms(timings.load_ms)],
      [t.weight, format.bytes(weight.bytes)],
      [t.requests, format.number(weight.requests)],
    ]),
    tls === null
      ? list(t.security, [t.noTls])
      : facts(t.security, [
          [t.protocol, tls.protocol],
          [t.issuer, tls.issuer],
          [t.validTo, format.date(tls.valid_to)],
        ]),
    {
      ...facts(t.links, [
        [t.internal, format.number(links.internal)],
        [t.external, format.number(links.external)],
        [t.broken, format.number(links.broken)],
      ]),
      lines: links.broken_links.map(({ url, status, error }) => `${url} · ${status ?? error ?? ""}`),
    },
    list(
      t.technologies,
      report.technologies.map(({ name, version }) => [name, version].filter(Boolean).join(" ")),
    ),
    list(t.contacts, [
      ...contacts.emails,
      ...contacts.phones,
      ...contacts.whatsapp,
      ...contacts.social.map(({ network, url }) => `${network}: ${url}`),
    ]),
    list(
      t.headings,
      report.headings.map(({ level, text }) => `h${level} ${text}`),
    ),
    list(t.notes, report.notes),
  ];
}
