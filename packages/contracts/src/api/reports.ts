import { z } from "zod";
import { scrapingErrorCodeSchema } from "./scraping.ts";
import { timeSchema } from "./fields.ts";

/** What a visit of a website found. Every list is bounded by whoever writes the report. */

export const tlsFactsSchema = z.object({
  protocol: z.string().describe("As TLS 1.3."),
  issuer: z.string(),
  subject: z.string(),
  valid_from: timeSchema,
  valid_to: timeSchema,
});

export const technologySchema = z.object({
  name: z.string(),
  category: z.string().describe("As cms, shop, framework, analytics, server, cdn."),
  version: z.string().nullable(),
});

export const brokenLinkSchema = z.object({
  url: z.string(),
  status: z.int().nullable().describe("Null when nobody answered."),
  error: z.string().nullable(),
});

export const contactsSchema = z.object({
  emails: z.array(z.string()),
  phones: z.array(z.string()),
  whatsapp: z.array(z.string()),
  social: z.array(z.object({ network: z.string(), url: z.string() })),
});

/** What `reports.data` holds. */
export const reportDataSchema = z.object({
  final_url: z.string(),
  http_status: z.int(),
  redirects: z.array(z.object({ url: z.string(), status: z.int() })).describe("Hops before the final URL."),
  tls: tlsFactsSchema.nullable().describe("Null over plain HTTP."),
  title: z.string().nullable(),
  description: z.string().nullable(),
  language: z.string().nullable(),
  headings: z.array(z.object({ level: z.int().min(1).max(6), text: z.string() })),
  word_count: z.int(),
  links: z.object({
    internal: z.int(),
    external: z.int(),
    checked: z.int(),
    broken: z.int().describe("Of those that were checked."),
    broken_links: z.array(brokenLinkSchema),
  }),
  technologies: z.array(technologySchema),
  contacts: contactsSchema,
  timings: z
    .object({
      ttfb_ms: z.number().nullable(),
      dom_ready_ms: z.number().nullable(),
      load_ms: z.number().nullable(),
      visit_ms: z.number(),
    })
    .describe("From the start of the navigation; load_ms is null when the page never finished loading."),
  weight: z.object({ bytes: z.int().describe("As they came over the network."), requests: z.int() }),
  notes: z.array(z.string()).describe("What was out of the ordinary: dialogs, pop-ups, refused requests."),
});
export type ReportData = z.infer<typeof reportDataSchema>;

export const reportSchema = reportDataSchema
  .extend({
    id: z.uuid(),
    job_id: z.uuid(),
    step_id: z.uuid(),
    domain: z.string(),
    created_at: timeSchema,
    screenshot_url: z.string().nullable().describe("The whole page, JPEG."),
    thumbnail_url: z.string().nullable().describe("What is seen first, small, JPEG."),
  })
  .meta({ id: "Report", description: "What a visit of a domain found." });
export type Report = z.infer<typeof reportSchema>;

/** A report in lists. */
export const reportSummarySchema = z
  .object({
    id: z.uuid(),
    job_id: z.uuid(),
    domain: z.string(),
    created_at: timeSchema,
    final_url: z.string(),
    http_status: z.int(),
    title: z.string().nullable(),
  })
  .meta({ id: "ReportSummary" });
export type ReportSummary = z.infer<typeof reportSummarySchema>;

export const reportsQueryFilters = { domain: z.string().min(1).max(300).optional() };

export const reportComparisonSchema = z
  .object({
    domain: z.string(),
    before: z.object({ id: z.uuid(), created_at: timeSchema }),
    after: z.object({ id: z.uuid(), created_at: timeSchema }),
    changed: z.int().describe("Fields that differ."),
    fields: z.array(
      z.object({
        field: z.string().describe("As links.broken."),
        before: z.unknown(),
        after: z.unknown(),
        changed: z.boolean(),
        difference: z.number().optional().describe("Of numbers: after less before."),
        added: z.array(z.unknown()).optional().describe("Of lists: what is new."),
        removed: z.array(z.unknown()).optional().describe("Of lists: what is gone."),
      }),
    ),
  })
  .meta({ id: "ReportComparison", description: "Two reports of one domain, field by field." });
export type ReportComparison = z.infer<typeof reportComparisonSchema>;

const figuresSchema = z.object({
  average: z.number().nullable(),
  median: z.number().nullable(),
  p95: z.number().nullable(),
});
const countSchema = z.object({ name: z.string(), count: z.int() });
const extremeSchema = z.object({ report_id: z.uuid(), domain: z.string(), value: z.number() });

export const jobReportSchema = z
  .object({
    job_id: z.uuid(),
    total: z.int(),
    completed: z.int(),
    failed: z.int(),
    skipped: z.int(),
    failures: z.array(z.object({ code: scrapingErrorCodeSchema, count: z.int() })),
    ttfb_ms: figuresSchema,
    load_ms: figuresSchema,
    bytes: figuresSchema,
    requests: figuresSchema,
    links: z.int(),
    broken_links: z.int(),
    without_tls: z.int(),
    tls_ends_soon: z.array(z.object({ report_id: z.uuid(), domain: z.string(), valid_to: timeSchema })),
    languages: z.array(countSchema),
    technologies: z.array(countSchema),
    slowest: z.array(extremeSchema),
    heaviest: z.array(extremeSchema),
  })
  .meta({ id: "JobReport", description: "All reports of a job in one." });
export type JobReport = z.infer<typeof jobReportSchema>;
