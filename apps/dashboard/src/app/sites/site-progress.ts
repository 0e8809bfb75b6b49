import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import type { ScrapingProgress, SendProgress } from "@pregonero/client";
import { SendProgressBar } from "../ui/send-progress.ts";

/** How far a job of websites is: the bar that campaigns have. */
@Component({
  selector: "app-site-progress",
  imports: [SendProgressBar],
  template: `<app-send-progress [progress]="asSends()" />`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SiteProgress {
  readonly progress = input.required<ScrapingProgress>();
  protected readonly asSends = computed((): SendProgress => {
    const { total, pending, running, completed, failed, cancelled, skipped, percentage } = this.progress();
    const sent = { sent: completed, delivered: 0, read: 0, unknown: 0 };
    return { total, pending: pending + running, failed, cancelled, skipped, percentage, ...sent };
  });
}
