import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatCheckboxModule } from "@angular/material/checkbox";
import { MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import type { ScrapingJob } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { sitesTexts } from "./sites.i18n.ts";

const defaults = { concurrency: 4, max_retries: 2, interval_ms: 1_000, timeout_ms: 30_000 };

/** A list of domains, and how they are visited. */
@Component({
  selector: "app-site-job-dialog",
  imports: [
    MatButtonModule,
    MatCheckboxModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    ProblemBanner,
  ],
  templateUrl: "./site-job-dialog.html",
  styles: `
    mat-dialog-content {
      padding-top: 6px !important;
    }
    .pair {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(200px, 100%), 1fr));
      gap: 12px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteJobDialog {
  readonly #api = inject(API).scrapingJobs;
  readonly #dialog = inject<MatDialogRef<SiteJobDialog, ScrapingJob>>(MatDialogRef);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly name = signal("");
  protected readonly text = signal("");
  protected readonly config = signal({ ...defaults, respect_robots: true, screenshot: true });
  protected readonly domains = computed(() =>
    this.text()
      .split(/[\s,;]+/)
      .filter((domain) => domain !== ""),
  );
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected set(change: Partial<ReturnType<typeof this.config>>): void {
    this.config.update((config) => ({ ...config, ...change }));
  }

  protected async start(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const name = this.name().trim();
    const job = {
      domains: this.domains(),
      config: this.config(),
      ...(name === "" ? {} : { name }),
    };
    try {
      this.#dialog.close(await this.#api.create(job));
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
