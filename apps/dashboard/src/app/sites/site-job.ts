import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  linkedSignal,
  resource,
  untracked,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatTabsModule } from "@angular/material/tabs";
import type { ScrapingJob } from "@pregonero/client";
import { API } from "../api/api.ts";
import { JobComments } from "../campaigns/campaign/job-comments.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every, Live } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { PageTitles } from "../shell/page-titles.ts";
import { Confirm } from "../ui/confirm.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { saveFile } from "../ui/save-file.ts";
import { Status } from "../ui/status-chip.ts";
import { Toast } from "../ui/toast.ts";
import { SiteProgress } from "./site-progress.ts";
import { SiteSteps } from "./site-steps.ts";
import { SiteSummary } from "./site-summary.ts";
import { sitesTexts } from "./sites.i18n.ts";

const refreshMs = 2_000;
/** Frames of a quick job come many at a time: the job is asked for no more often than this. */
const gatherMs = 400;

/** A job that visits websites: how far it is, what it found, what people say about it. */
@Component({
  selector: "app-site-job",
  imports: [
    JobComments,
    MatButtonModule,
    MatProgressBarModule,
    MatTabsModule,
    PageHeader,
    ProblemBanner,
    SiteProgress,
    SiteSteps,
    SiteSummary,
    Status,
  ],
  templateUrl: "./site-job.html",
  styleUrl: "./site-job.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteJob {
  readonly id = input.required<string>();
  readonly #client = inject(API);
  readonly #api = this.#client.scrapingJobs;
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  readonly #titles = inject(PageTitles);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(sitesTexts);
  protected readonly loaded = resource({
    params: () => this.id(),
    loader: ({ params, abortSignal }) => this.#api.get(params, { signal: abortSignal }),
  });
  protected readonly job = linkedSignal<ScrapingJob | undefined, ScrapingJob | undefined>({
    source: () => (this.loaded.hasValue() ? this.loaded.value() : undefined),
    computation: (fresh, previous) => fresh ?? previous?.value,
  });
  protected readonly title = computed(() => {
    const job = this.job();
    return job ? (job.name ?? this.t().unnamed(this.format.number(job.progress.total))) : "";
  });
  protected readonly moving = computed(() => ["pending", "running"].includes(this.job()?.status ?? ""));
  protected readonly figures = computed(() => {
    const [progress, t] = [this.job()?.progress, this.t().figures];
    if (!progress) return [];
    return [
      { name: t.completed, value: progress.completed },
      { name: t.failed, value: progress.failed },
      { name: t.skipped, value: progress.skipped },
      { name: t.pending, value: progress.pending + progress.running },
    ];
  });
  protected readonly config = computed(() => Object.entries(this.job()?.config ?? {}));

  constructor() {
    const live = inject(Live);
    let unfollow: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    effect(() => {
      const id = this.id();
      unfollow?.();
      unfollow = live.followJob(id, {
        frame: () => {
          timer ??= setTimeout(() => {
            timer = undefined;
            this.loaded.reload();
          }, gatherMs);
        },
      });
    });
    inject(DestroyRef).onDestroy(() => {
      unfollow?.();
      clearTimeout(timer);
    });
    effect(() => {
      const title = this.title();
      if (title !== "") untracked(() => this.#titles.use(title));
    });
    every(refreshMs, () => {
      if (this.moving()) this.loaded.reload();
    });
  }

  protected change(verb: "pause" | "resume"): Promise<void> {
    return this.#do(() => this.#api[verb](this.id()));
  }

  protected async cancel(): Promise<void> {
    const { cancelTitle: title, cancelText: text, cancel: action } = this.t().actions;
    if (await this.#confirm.ask({ title, text, action, dangerous: true }))
      await this.#do(() => this.#api.cancel(this.id()));
  }

  protected async export(): Promise<void> {
    try {
      const rows = await this.#client.jobs.export(this.id());
      saveFile(`${this.title()}.csv`, new Blob([rows], { type: "text/csv" }));
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  protected retry(): Promise<void> {
    return this.#do(async () => {
      const { retried, job } = await this.#api.retryFailed(this.id());
      this.#toast.say(this.t().actions.retried(this.format.number(retried)));
      return job;
    });
  }

  async #do(action: () => Promise<ScrapingJob>): Promise<void> {
    try {
      this.job.set(await action());
    } catch (error) {
      this.#toast.problem(error);
    }
    this.loaded.reload();
  }
}
