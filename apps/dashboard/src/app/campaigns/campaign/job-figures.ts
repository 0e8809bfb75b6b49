import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { SendMessagesJob, SendProgress } from "@pregonero/client";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { SendProgressBar } from "../../ui/send-progress.ts";
import { campaignTexts } from "./campaign.i18n.ts";

const figures = [
  "sent",
  "delivered",
  "read",
  "failed",
  "unknown",
  "skipped",
  "cancelled",
  "pending",
] as const;
/** Shown only when there are any. */
const rare: ReadonlySet<string> = new Set(["unknown", "skipped", "cancelled"]);

/** How far a job is, how fast it goes, and when it ends. */
@Component({
  selector: "app-job-figures",
  imports: [SendProgressBar],
  template: `
    <div class="head">
      <strong class="percent number">{{ percent() }}</strong>
      <span class="soft number">{{ t().of(format.number(done()), format.number(progress().total)) }}</span>
      <span class="spacer"></span>
      <dl>
        @if (running()) {
          <div>
            <dt>{{ t().rate }}</dt>
            <dd class="number">
              {{ rate() === null ? "–" : t().perMinute(format.number(rate() ?? 0, whole)) }}
            </dd>
          </div>
          <div>
            <dt>{{ t().eta }}</dt>
            <dd class="number">{{ format.duration(eta()) }}</dd>
          </div>
        } @else if (took(); as seconds) {
          <div>
            <dt>{{ t().took }}</dt>
            <dd class="number">{{ format.duration(seconds) }}</dd>
          </div>
        }
      </dl>
    </div>
    <app-send-progress [progress]="progress()" [withText]="false" />
    <ul>
      @for (figure of shown(); track figure) {
        <li [class]="figure">
          <span>{{ t().figures[figure] }}</span>
          <strong class="number">{{ format.number(progress()[figure]) }}</strong>
        </li>
      }
    </ul>
  `,
  styleUrl: "./job-figures.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobFigures {
  readonly job = input.required<SendMessagesJob>();
  readonly progress = input.required<SendProgress>();
  /** Messages a minute, as seen live. */
  readonly rate = input<number | null>(null);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly whole = { maximumFractionDigits: 0 };

  protected readonly running = computed(() => ["pending", "running"].includes(this.job().status));
  protected readonly done = computed(() => this.progress().total - this.progress().pending);
  protected readonly percent = computed(() =>
    this.format.number(this.progress().percentage / 100, { style: "percent", maximumFractionDigits: 1 }),
  );
  protected readonly eta = computed(() => {
    const rate = this.rate();
    return rate === null || rate <= 0 ? null : (this.progress().pending / rate) * 60;
  });
  protected readonly took = computed(() => {
    const { started_at: from, completed_at: to } = this.job();
    return from === null || to === null ? null : (Date.parse(to) - Date.parse(from)) / 1_000;
  });
  protected readonly shown = computed(() =>
    figures.filter((figure) => !rare.has(figure) || this.progress()[figure] > 0),
  );
}
