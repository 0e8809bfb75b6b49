import { ChangeDetectionStrategy, Component, computed, inject, resource, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule } from "@angular/material/dialog";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { Chip } from "../ui/chip.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { Toast } from "../ui/toast.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { deliveryTones } from "./delivery-tones.ts";
import { webhooksTexts } from "./webhooks.i18n.ts";

const refreshMs = 2_000;

/** One delivery: what is posted, each try and what came back. */
@Component({
  selector: "app-delivery-dialog",
  imports: [Chip, MatButtonModule, MatDialogModule, MatProgressBarModule, ProblemBanner],
  template: `
    <h2 mat-dialog-title>{{ delivery.hasValue() ? delivery.value().event_type : t().log.title }}</h2>
    <mat-dialog-content class="stack">
      @if (delivery.error(); as error) {
        <app-problem [error]="error" [retryable]="true" (retry)="delivery.reload()" />
      } @else if (delivery.hasValue()) {
        @let found = delivery.value();
        <div class="row wrap">
          <app-chip [tone]="tones[found.status]">{{ t().log.statuses[found.status] }}</app-chip>
          @if (found.next_attempt_at !== null) {
            <span class="soft">{{ t().log.next(format.ago(found.next_attempt_at)) }}</span>
          }
          <span class="faint mono">{{ found.event_id }}</span>
        </div>
        @if (found.tries.length > 0) {
          <section>
            <h3>{{ t().log.history }}</h3>
            <ul>
              @for (attempt of found.tries; track $index) {
                <li>
                  <span class="number">{{ format.exact(attempt.at) }}</span>
                  <strong>{{ attempt.status ?? t().log.noAnswer }}</strong>
                  @if (attempt.duration_ms !== null) {
                    <span class="faint">{{ t().log.ms(format.number(attempt.duration_ms)) }}</span>
                  }
                  <span class="soft">{{ attempt.error }}</span>
                </li>
              }
            </ul>
          </section>
        }
        @if (found.response_excerpt) {
          <section>
            <h3>{{ t().log.response }}</h3>
            <pre tabindex="0">{{ found.response_excerpt }}</pre>
          </section>
        }
        <section>
          <h3>{{ t().log.body }}</h3>
          <pre tabindex="0">{{ body() }}</pre>
        </section>
      } @else {
        <mat-progress-bar mode="indeterminate" [attr.aria-label]="ui().loading" />
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      @if (session.isOperator()) {
        <button mat-button [disabled]="busy()" (click)="replay()">{{ t().log.replay }}</button>
      }
      <button mat-flat-button mat-dialog-close>{{ ui().close }}</button>
    </mat-dialog-actions>
  `,
  styles: `
    ul {
      margin: 4px 0 0;
      padding: 0;
      list-style: none;
    }
    li {
      display: flex;
      flex-wrap: wrap;
      gap: 2px 10px;
      padding: 4px 0;
    }
    pre {
      max-height: 260px;
      margin: 4px 0 0;
      padding: 10px 14px;
      overflow: auto;
      border-radius: var(--radius-small);
      background: var(--surface-sunken);
      color: var(--ink);
      font: 12.5px/1.5 var(--mono);
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    .mono {
      font-size: 12px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DeliveryDialog {
  readonly #api = inject(API).webhooks;
  readonly #toast = inject(Toast);
  readonly #id = inject<number>(MAT_DIALOG_DATA);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(webhooksTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly tones = deliveryTones;
  protected readonly busy = signal(false);
  protected readonly delivery = resource({
    loader: ({ abortSignal: signal }) => this.#api.delivery(this.#id, { signal }),
  });
  protected readonly body = computed(() =>
    this.delivery.hasValue() ? JSON.stringify(this.delivery.value().body, null, 2) : "",
  );

  constructor() {
    every(refreshMs, () => this.delivery.reload());
  }

  protected async replay(): Promise<void> {
    this.busy.set(true);
    try {
      this.delivery.set(await this.#api.replay(this.#id));
      this.#toast.say(this.t().log.replayed);
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.busy.set(false);
    }
  }
}
