import { ChangeDetectionStrategy, Component, computed, inject, resource } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { mdiBullhornVariantOutline, mdiCellphoneLink, mdiPlus } from "@mdi/js";
import type { ActiveJob, Overview } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { errorText, errorTexts } from "../ui/errors.i18n.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { SendProgressBar } from "../ui/send-progress.ts";
import { Status } from "../ui/status-chip.ts";
import { ThroughputChart } from "../charts/throughput-chart.ts";
import { overviewTexts } from "./overview.i18n.ts";

const refreshMs = 3_000;

@Component({
  selector: "app-overview",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatProgressBarModule,
    PageHeader,
    ProblemBanner,
    RouterLink,
    SendProgressBar,
    Status,
    ThroughputChart,
  ],
  templateUrl: "./overview.html",
  styleUrl: "./overview.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class OverviewPage {
  readonly #api = inject(API);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(overviewTexts);
  readonly #errors = useTexts(errorTexts);
  protected readonly overview = resource({
    loader: ({ abortSignal }) => this.#api.overview({ signal: abortSignal }),
  });
  protected readonly icons = {
    plus: mdiPlus,
    campaigns: mdiBullhornVariantOutline,
    device: mdiCellphoneLink,
  };

  protected readonly hour = computed(() => {
    const sums = { sent: 0, delivered: 0, read: 0, failed: 0 };
    for (const minute of this.#data()?.throughput ?? []) {
      sums.sent += minute.sent;
      sums.delivered += minute.delivered;
      sums.read += minute.read;
      sums.failed += minute.failed;
    }
    return sums;
  });
  protected readonly rate = computed(() =>
    (this.#data()?.devices ?? []).reduce((sum, device) => sum + device.sent_last_minute, 0),
  );
  protected readonly ready = computed(
    () => (this.#data()?.devices ?? []).filter(({ health }) => health === "ok").length,
  );
  protected readonly words = computed(() => ({
    sent: this.t().sent,
    failed: this.t().failed,
    summary: this.t().chart(this.format.number(this.hour().sent), this.format.number(this.hour().failed)),
  }));
  protected readonly failures = computed(() => {
    const failures = this.#data()?.failures ?? [];
    const most = Math.max(1, ...failures.map(({ messages }) => messages));
    const { codes } = this.#errors();
    return failures.map(({ error_code, messages }) => ({
      code: error_code,
      label: errorText(codes, error_code),
      messages,
      share: messages / most,
    }));
  });

  constructor() {
    every(refreshMs, () => this.overview.reload());
  }

  #data(): Overview | undefined {
    return this.overview.hasValue() ? this.overview.value() : undefined;
  }

  protected share(part: number): string {
    const { sent } = this.hour();
    return this.t().ofSent(this.format.percent(sent === 0 ? 0 : Math.min(1, part / sent)));
  }

  protected jobName(job: ActiveJob): string {
    return job.name ?? (job.kind === "single" ? this.t().single : this.t().bulk);
  }

  protected jobLink(job: ActiveJob): string[] {
    return job.campaign_id === null ? ["/job", job.id] : ["/campaigns", job.campaign_id];
  }
}
