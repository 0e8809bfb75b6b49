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
  signal,
  untracked,
} from "@angular/core";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatTabsModule } from "@angular/material/tabs";
import type { SendMessagesJob, SendMessagesJobDetail, SendProgress } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { LiveJob } from "../../live/live-job.ts";
import { jobsTexts } from "../../jobs/jobs.i18n.ts";
import { every, Live } from "../../live/live.ts";
import { Session } from "../../session/session.ts";
import { PageTitles } from "../../shell/page-titles.ts";
import { PageHeader } from "../../ui/page-header.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Status } from "../../ui/status-chip.ts";
import { CampaignConfig } from "./campaign-config.ts";
import { campaignTexts } from "./campaign.i18n.ts";
import { JobActions } from "./job-actions.ts";
import { JobComments } from "./job-comments.ts";
import { JobDevices } from "./job-devices.ts";
import { JobFeed } from "./job-feed.ts";
import { JobFigures } from "./job-figures.ts";
import { MessagesTab } from "./messages-tab.ts";
import { RejectionsTab } from "./rejections-tab.ts";

/** Everything but what is live comes this often while the job moves. */
const refreshMs = 2_000;

@Component({
  selector: "app-campaign",
  imports: [
    CampaignConfig,
    JobActions,
    JobComments,
    JobDevices,
    JobFeed,
    JobFigures,
    MatProgressBarModule,
    MatTabsModule,
    MessagesTab,
    PageHeader,
    ProblemBanner,
    RejectionsTab,
    Status,
  ],
  templateUrl: "./campaign.html",
  styleUrl: "./campaign.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CampaignPage {
  /** Of a campaign: its id or slug. */
  readonly id = input<string>();
  /** Of a job, which may have no campaign. */
  readonly jobId = input<string>();

  readonly #api = inject(API);
  readonly #live = inject(Live);
  readonly #titles = inject(PageTitles);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly jobTexts = useTexts(jobsTexts);
  protected readonly live = signal(new LiveJob());

  protected readonly campaign = resource({
    params: (): string | undefined => this.id() ?? this.job()?.campaign_id ?? undefined,
    loader: ({ params, abortSignal }) => this.#api.campaigns.get(params, { signal: abortSignal }),
  });
  readonly #jobId = computed(
    (): string | undefined =>
      this.jobId() ?? (this.campaign.hasValue() ? this.campaign.value().job_id : null) ?? undefined,
  );
  protected readonly title = computed((): string => {
    if (this.campaign.hasValue()) return this.campaign.value().name;
    const job = this.job();
    return job === undefined ? "" : this.jobTexts().kinds[job.kind];
  });
  protected readonly loaded = resource({
    params: () => this.#jobId(),
    loader: ({ params, abortSignal }) => this.#api.jobs.get(params, { signal: abortSignal }),
  });
  /** The last that is known; an action's answer comes before the next question. */
  protected readonly job = linkedSignal<SendMessagesJobDetail | undefined, SendMessagesJobDetail | undefined>(
    {
      source: () => (this.loaded.hasValue() ? this.loaded.value() : undefined),
      computation: (fresh, previous) => fresh ?? previous?.value,
    },
  );
  protected readonly moving = computed(() => {
    const job = this.job();
    return (
      job !== undefined &&
      (["pending", "running"].includes(job.status) || job.progress.delivered < job.progress.sent)
    );
  });

  /** What the database says, moved on by what was seen since. */
  protected readonly progress = computed((): SendProgress | undefined => {
    const known = this.job()?.progress;
    const live = this.live().figures();
    if (!known || !live || live.sent + live.failed <= known.sent + known.failed) return known;
    const more = live.sent + live.failed - known.sent - known.failed;
    return {
      ...known,
      sent: Math.max(known.sent, live.sent),
      failed: Math.max(known.failed, live.failed),
      pending: Math.max(0, known.pending - more),
      percentage: Math.max(known.percentage, live.percentage),
    };
  });

  constructor() {
    let unfollow: (() => void) | undefined;
    effect(() => {
      const id = this.#jobId();
      unfollow?.();
      unfollow = undefined;
      if (id === undefined) return;
      const live = new LiveJob();
      untracked(() => this.live.set(live));
      unfollow = this.#live.followJob(id, { frame: (frame) => live.take(frame) });
    });
    inject(DestroyRef).onDestroy(() => unfollow?.());
    effect(() => {
      // A change of state is worth asking for at once.
      if (this.live().changes() > 0) untracked(() => this.loaded.reload());
    });
    effect(() => {
      if (this.title() !== "") this.#titles.use(this.title());
    });
    every(refreshMs, () => {
      if (this.moving() || this.job() === undefined) this.loaded.reload();
    });
  }

  protected changed(job: SendMessagesJob): void {
    this.job.update((known) => (known ? { ...known, ...job } : known));
    this.loaded.reload();
  }
}
