import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  resource,
  untracked,
} from "@angular/core";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatSelectModule } from "@angular/material/select";
import { Router } from "@angular/router";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { PageTitles } from "../shell/page-titles.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { ReportPicture } from "./report-picture.ts";
import { reportSections } from "./report-sections.ts";
import { sitesTexts } from "./sites.i18n.ts";

const othersShown = 100;

/** What a visit of a domain found. */
@Component({
  selector: "app-report",
  imports: [
    MatFormFieldModule,
    MatProgressBarModule,
    MatSelectModule,
    PageHeader,
    ProblemBanner,
    ReportPicture,
  ],
  templateUrl: "./report.html",
  styleUrl: "./report.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReportPage {
  readonly id = input.required<string>();
  readonly #api = inject(API).reports;
  readonly #router = inject(Router);
  readonly #titles = inject(PageTitles);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly report = resource({
    params: () => this.id(),
    loader: ({ params, abortSignal: signal }) => this.#api.get(params, { signal }),
  });
  readonly #domain = computed(() => (this.report.hasValue() ? this.report.value().domain : undefined));
  protected readonly others = resource({
    params: () => this.#domain(),
    loader: async ({ params: domain, abortSignal: signal }) =>
      (await this.#api.list({ domain, limit: othersShown }, { signal })).items.filter(
        ({ id }) => id !== this.id(),
      ),
  });
  protected readonly sections = computed(() =>
    this.report.hasValue() ? reportSections(this.report.value(), this.t(), this.format) : [],
  );

  constructor() {
    effect(() => {
      const domain = this.#domain();
      if (domain !== undefined) untracked(() => this.#titles.use(domain));
    });
  }

  protected compare(other: string): void {
    void this.#router.navigate(["/reports", this.id(), "compare", other]);
  }
}
