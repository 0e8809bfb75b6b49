import { ChangeDetectionStrategy, Component, inject, resource } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule } from "@angular/material/dialog";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { errorText, errorTexts } from "../../ui/errors.i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Status } from "../../ui/status-chip.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { campaignTexts } from "./campaign.i18n.ts";

export interface MessageRef {
  readonly jobId: string;
  readonly messageId: string;
  readonly seq: number;
}

/** One message: what was said, and all that has happened to it. */
@Component({
  selector: "app-message-dialog",
  imports: [MatButtonModule, MatDialogModule, MatProgressBarModule, ProblemBanner, Status],
  template: `
    <h2 mat-dialog-title>{{ t().message.title(format.number(ref.seq)) }}</h2>
    <mat-dialog-content>
      @if (message.isLoading()) {
        <mat-progress-bar mode="indeterminate" [attr.aria-label]="t().loading" />
      }
      @if (message.error(); as error) {
        <app-problem [error]="error" />
      }
      @if (message.hasValue()) {
        @let found = message.value();
        <p class="row wrap">
          <strong class="number">{{ format.phone(found.phone) }}</strong>
          <app-status [message]="found.state" />
          @if (found.error_code; as code) {
            <span class="soft" [title]="code">{{ reason(code) }}</span>
          }
        </p>
        @if (found.error_detail) {
          <p class="faint">{{ found.error_detail }}</p>
        }
        <h3>{{ t().message.text }}</h3>
        <p class="text">{{ found.text }}</p>
        <h3>{{ t().message.history }}</h3>
        <ol>
          @for (event of found.history; track $index) {
            <li>
              <span class="faint number">{{ format.exact(event.at) }}</span>
              <app-status [message]="event.to_state" />
              <span class="faint">{{ t().message.attempt(format.number(event.attempt)) }}</span>
              @if (event.error_code; as code) {
                <span class="soft">{{ reason(code) }}</span>
              }
              @if (event.detail) {
                <span class="faint detail">{{ event.detail }}</span>
              }
            </li>
          } @empty {
            <li class="faint">{{ t().message.noHistory }}</li>
          }
        </ol>
      }
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button mat-button mat-dialog-close>{{ ui().close }}</button>
    </mat-dialog-actions>
  `,
  styles: `
    h3 {
      margin: 18px 0 6px;
    }
    .text {
      padding: 10px 14px;
      border-radius: var(--radius-small);
      background: var(--surface-sunken);
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    ol {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    li {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 10px;
      align-items: center;
      padding: 6px 0;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    .detail {
      flex-basis: 100%;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MessageDialog {
  readonly #api = inject(API);
  protected readonly ref = inject<MessageRef>(MAT_DIALOG_DATA);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly ui = useTexts(uiTexts);
  readonly #errors = useTexts(errorTexts);
  protected readonly message = resource({
    loader: ({ abortSignal }) =>
      this.#api.jobs.message(this.ref.jobId, this.ref.messageId, { signal: abortSignal }),
  });

  protected reason(code: string): string {
    return errorText(this.#errors().codes, code);
  }
}
