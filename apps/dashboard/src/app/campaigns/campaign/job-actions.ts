import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatMenuModule } from "@angular/material/menu";
import { mdiCancel, mdiDownloadOutline, mdiPause, mdiPlay, mdiRefresh } from "@mdi/js";
import type { SendMessagesJob } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Confirm } from "../../ui/confirm.ts";
import { Icon } from "../../ui/icon.ts";
import { saveFile } from "../../ui/save-file.ts";
import { Toast } from "../../ui/toast.ts";
import { campaignTexts } from "./campaign.i18n.ts";

/** What can be done to a job in its present state. */
@Component({
  selector: "app-job-actions",
  imports: [Icon, MatButtonModule, MatMenuModule],
  template: `
    @if (canPause()) {
      <button mat-stroked-button [disabled]="busy()" (click)="pause()">
        <app-icon [path]="icons.pause" />{{ t().pause }}
      </button>
    }
    @if (job().status === "paused") {
      <button mat-flat-button [disabled]="busy()" (click)="resume()">
        <app-icon [path]="icons.resume" />{{ t().resume }}
      </button>
    }
    @if (canRetry()) {
      <button mat-stroked-button [disabled]="busy()" (click)="retry()">
        <app-icon [path]="icons.retry" />{{ t().retry(format.number(job().progress.failed)) }}
      </button>
    }
    @if (job().progress.unknown > 0) {
      <button mat-stroked-button [disabled]="busy()" [matMenuTriggerFor]="settling">
        {{ t().settle(format.number(job().progress.unknown)) }}
      </button>
      <mat-menu #settling="matMenu">
        <button mat-menu-item (click)="resend()">{{ t().resend }}</button>
        <button mat-menu-item (click)="settle('failed')">{{ t().giveUp }}</button>
      </mat-menu>
    }
    <button mat-stroked-button [disabled]="busy()" (click)="export()">
      <app-icon [path]="icons.export" />{{ t().exportCsv }}
    </button>
    @if (canCancel()) {
      <button mat-stroked-button class="cancel" [disabled]="busy()" (click)="cancel()">
        <app-icon [path]="icons.cancel" />{{ t().cancel }}
      </button>
    }
  `,
  styles: `
    :host {
      display: contents;
    }
    .cancel {
      --mat-button-outlined-label-text-color: var(--bad);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class JobActions {
  readonly job = input.required<SendMessagesJob>();
  readonly changed = output<SendMessagesJob>();
  readonly #jobs = inject(API).jobs;
  readonly #toast = inject(Toast);
  readonly #confirm = inject(Confirm);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly busy = signal(false);
  protected readonly icons = {
    pause: mdiPause,
    resume: mdiPlay,
    cancel: mdiCancel,
    retry: mdiRefresh,
    export: mdiDownloadOutline,
  };

  protected readonly canPause = computed(() => ["pending", "running"].includes(this.job().status));
  protected readonly canCancel = computed(() =>
    ["scheduled", "pending", "running", "paused"].includes(this.job().status),
  );
  protected readonly canRetry = computed(
    () => this.job().progress.failed > 0 && !["scheduled", "cancelled"].includes(this.job().status),
  );

  protected pause(): Promise<void> {
    return this.#do(() => this.#jobs.pause(this.job().id));
  }

  protected resume(): Promise<void> {
    return this.#do(() => this.#jobs.resume(this.job().id));
  }

  protected async cancel(): Promise<void> {
    const sure = await this.#confirm.ask({
      title: this.t().cancelTitle,
      text: this.t().cancelText(this.format.number(this.job().progress.pending)),
      action: this.t().cancelAction,
      dangerous: true,
    });
    if (sure) await this.#do(() => this.#jobs.cancel(this.job().id));
  }

  protected async export(): Promise<void> {
    this.busy.set(true);
    try {
      const csv = await this.#jobs.export(this.job().id);
      saveFile(`${this.job().id}.csv`, new Blob([csv], { type: "text/csv" }));
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.busy.set(false);
    }
  }

  protected retry(): Promise<void> {
    return this.#do(async () => {
      const { retried, job } = await this.#jobs.retryFailed(this.job().id);
      this.#toast.say(this.t().retried(this.format.number(retried)));
      return job;
    });
  }

  protected async resend(): Promise<void> {
    const { resendTitle: title, resendText: text, resend: action } = this.t();
    if (await this.#confirm.ask({ title, text, action, dangerous: true })) await this.settle("resend");
  }

  protected settle(as: "resend" | "failed"): Promise<void> {
    return this.#do(async () => {
      const { settled, job } = await this.#jobs.settleUnknown(this.job().id, as);
      this.#toast.say(this.t().settled(this.format.number(settled)));
      return job;
    });
  }

  async #do(change: () => Promise<SendMessagesJob>): Promise<void> {
    this.busy.set(true);
    try {
      this.changed.emit(await change());
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.busy.set(false);
    }
  }
}
