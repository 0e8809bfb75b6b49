import { ChangeDetectionStrategy, Component, computed, inject, input, resource } from "@angular/core";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { sitesTexts } from "./sites.i18n.ts";

const refreshMs = 4_000;
const listed = 10;

interface Line {
  readonly name: string;
  readonly value: string;
  readonly report?: string;
}

/** All reports of a job in one. */
@Component({
  selector: "app-site-summary",
  imports: [MatProgressBarModule, ProblemBanner, RouterLink],
  templateUrl: "./site-summary.html",
  styleUrl: "./site-summary.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteSummary {
  readonly jobId = input.required<string>();
  readonly moving = input.required<boolean>();
  readonly #api = inject(API).scrapingJobs;
  readonly #format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly report = resource({
    params: () => this.jobId(),
    loader: ({ params, abortSignal: signal }) => this.#api.report(params, { signal }),
  });

  protected readonly figures = computed((): readonly Line[] => {
    if (!this.report.hasValue()) return [];
    const [report, t] = [this.report.value(), this.t().summary];
    const bytes = report.bytes.median;
    return [
      { name: t.ttfb, value: this.#ms(report.ttfb_ms.median) },
      { name: t.load, value: this.#ms(report.load_ms.median) },
      { name: t.bytes, value: bytes === null ? "–" : this.#format.bytes(bytes) },
      { name: t.broken, value: this.#format.number(report.broken_links) },
      { name: t.noTls, value: this.#format.number(report.without_tls) },
    ];
  });

  protected readonly lists = computed((): readonly { title: string; lines: readonly Line[] }[] => {
    if (!this.report.hasValue()) return [];
    const [report, t, errors] = [this.report.value(), this.t().summary, this.t().steps.errors];
    const count = ({ name, count: value }: { name: string; count: number }): Line => ({
      name,
      value: this.#format.number(value),
    });
    return [
      {
        title: t.failures,
        lines: report.failures.map(({ code, count: n }) => count({ name: errors[code], count: n })),
      },
      {
        title: t.slowest,
        lines: report.slowest.map(({ domain, value, report_id }) => ({
          name: domain,
          value: this.#ms(value),
          report: report_id,
        })),
      },
      {
        title: t.heaviest,
        lines: report.heaviest.map(({ domain, value, report_id }) => ({
          name: domain,
          value: this.#format.bytes(value),
          report: report_id,
        })),
      },
      {
        title: t.tlsEnds,
        lines: report.tls_ends_soon.map(({ domain, valid_to, report_id }) => ({
          name: domain,
          value: this.#format.date(valid_to),
          report: report_id,
        })),
      },
      { title: t.technologies, lines: report.technologies.map(count) },
      { title: t.languages, lines: report.languages.map(count) },
    ]
      .filter(({ lines }) => lines.length > 0)
      .map(({ title, lines }) => ({ title, lines: lines.slice(0, listed) }));
  });

  constructor() {
    every(refreshMs, () => {
      if (this.moving()) this.report.reload();
    });
  }

  #ms(ms: number | null): string {
    return ms === null ? "–" : this.t().steps.ms(this.#format.number(Math.round(ms)));
  }
}
