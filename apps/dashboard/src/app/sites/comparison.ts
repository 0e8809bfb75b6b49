import { ChangeDetectionStrategy, Component, computed, inject, input, resource, signal } from "@angular/core";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { sitesTexts } from "./sites.i18n.ts";

/** Two visits of one domain, field by field. */
@Component({
  selector: "app-comparison",
  imports: [MatCheckboxModule, MatProgressBarModule, PageHeader, ProblemBanner, RouterLink],
  templateUrl: "./comparison.html",
  styleUrl: "./comparison.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ComparisonPage {
  readonly id = input.required<string>();
  readonly other = input.required<string>();
  readonly #api = inject(API).reports;
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly everything = signal(false);
  protected readonly comparison = resource({
    params: () => ({ id: this.id(), other: this.other() }),
    loader: ({ params: { id, other }, abortSignal: signal }) => this.#api.compare(id, other, { signal }),
  });
  protected readonly fields = computed(() => {
    if (!this.comparison.hasValue()) return [];
    const { fields } = this.comparison.value();
    return this.everything() ? fields : fields.filter(({ changed }) => changed);
  });

  protected shown(value: unknown): string {
    if (value === null || value === undefined) return "–";
    return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
  }
}
