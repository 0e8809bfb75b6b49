import type { ReportData, StepResult } from "@pregonero/contracts";
import type { SecurityDetails } from "puppeteer";
import { contactsOf } from "./contacts.ts";
import type { Arrival } from "./navigation.ts";
import type { PageFacts } from "./page-facts.ts";
import { technologiesOf } from "./technologies.ts";

export interface Found {
  readonly arrival: Arrival;
  readonly facts: PageFacts;
  readonly links: { readonly checked: number; readonly broken: ReportData["links"]["broken_links"] };
  readonly visitMs: number;
  readonly bytes: number;
  readonly requests: number;
  readonly notes: readonly string[];
}

export function toReport(found: Found): ReportData {
  const { arrival, facts } = found;
  const { response } = arrival;
  const finalUrl = response.url();
  const host = new URL(finalUrl).hostname;
  const internal = facts.links.filter((link) => new URL(link).hostname === host).length;
  return {
    final_url: finalUrl,
    http_status: response.status(),
    redirects: [...arrival.redirects],
    tls: tlsOf(response.securityDetails()),
    title: facts.title,
    description: facts.description,
    language: facts.language,
    headings: facts.headings,
    word_count: facts.wordCount,
    links: {
      internal,
      external: facts.links.length - internal,
      checked: found.links.checked,
      broken: found.links.broken.length,
      broken_links: found.links.broken,
    },
    technologies: technologiesOf(facts, response.headers()),
    contacts: contactsOf(facts.links, facts.contactLinks),
    timings: {
      ttfb_ms: facts.timings.ttfb,
      dom_ready_ms: facts.timings.domReady,
      load_ms: facts.timings.load,
      visit_ms: Math.round(found.visitMs),
    },
    weight: { bytes: found.bytes, requests: found.requests },
    notes: [...found.notes],
  };
}

function tlsOf(details: SecurityDetails | null): ReportData["tls"] {
  if (!details) return null;
  const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();
  return {
    protocol: details.protocol(),
    issuer: details.issuer(),
    subject: details.subjectName(),
    valid_from: at(details.validFrom()),
    valid_to: at(details.validTo()),
  };
}

/** What lists show of it. */
export function toStepResult(stepId: string, report: ReportData): StepResult {
  return {
    report_id: stepId,
    final_url: report.final_url,
    http_status: report.http_status,
    title: report.title,
    language: report.language,
    technologies: report.technologies.map(({ name }) => name),
    links: report.links.internal + report.links.external,
    broken_links: report.links.broken,
    tls_valid_to: report.tls?.valid_to ?? null,
    ttfb_ms: report.timings.ttfb_ms,
    load_ms: report.timings.load_ms,
    bytes: report.weight.bytes,
    requests: report.weight.requests,
  };
}
