import { ChangeDetectionStrategy, Component, inject, input, resource } from "@angular/core";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { API } from "../api/api.ts";
import { asPregoneroError } from "../api/problem-text.ts";
import { CampaignPage } from "../campaigns/campaign/campaign.ts";
import { useTexts } from "../i18n/i18n.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { SiteJob } from "./site-job.ts";

/** A job of either type: an address says nothing about which it is. */
@Component({
  selector: "app-job",
  imports: [CampaignPage, MatProgressBarModule, PageHeader, ProblemBanner, SiteJob],
  template: `
    @if (visits.error(); as error) {
      <app-page-header [title]="jobId()" back="/jobs" />
      <app-problem [error]="error" [retryable]="true" (retry)="visits.reload()" />
    } @else if (visits.hasValue()) {
      @if (visits.value()) {
        <app-site-job [id]="jobId()" />
      } @else {
        <app-campaign [jobId]="jobId()" />
      }
    } @else {
      <mat-progress-bar mode="indeterminate" [attr.aria-label]="t().loading" />
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobPage {
  readonly jobId = input.required<string>();
  readonly #api = inject(API);
  protected readonly t = useTexts(uiTexts);
  /** Whether it visits websites. */
  protected readonly visits = resource({
    params: () => this.jobId(),
    loader: async ({ params, abortSignal: signal }) => {
      try {
        await this.#api.scrapingJobs.get(params, { signal });
        return true;
      } catch (error) {
        if (asPregoneroError(error)?.status === 404) return false;
        throw error;
      }
    },
  });
}
