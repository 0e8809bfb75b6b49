import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ChatMessage } from "@pregonero/client";
import { useTexts } from "../../i18n/i18n.ts";
import { errorText, errorTexts } from "../../ui/errors.i18n.ts";
import { inboxTexts } from "../inbox.i18n.ts";
import { ChatMediaView } from "./chat-media.ts";
import { DayNames } from "./day-names.ts";
import { MessageTicks } from "./message-ticks.ts";

@Component({
  selector: "app-chat-bubble",
  imports: [ChatMediaView, MessageTicks, RouterLink],
  template: `
    @let said = message();
    @if (said.media; as media) {
      <app-chat-media [media]="media" />
    }
    @if (said.text) {
      <p>{{ said.text }}</p>
    } @else if (said.media === null) {
      <p class="odd">{{ t().media.unsupported }} ({{ said.type }})</p>
    }
    <div class="foot">
      @if (said.origin !== null && said.origin !== "reply") {
        @if (said.origin === "campaign" && said.job_id !== null) {
          <a [routerLink]="['/job', said.job_id]">{{ t().origins.campaign }}</a>
        } @else {
          <span>{{ t().origins[said.origin] }}</span>
        }
      }
      <time [attr.datetime]="said.at">{{ days.time(said.at) }}</time>
      @if (said.state; as state) {
        <app-message-ticks [state]="state" />
      }
    </div>
    @if (failure(); as reason) {
      <p class="failure">{{ reason }}</p>
    }
  `,
  styles: `
    :host {
      display: block;
      width: fit-content;
      max-width: min(560px, 86%);
      padding: 7px 11px 5px;
      border-radius: 12px;
      background: var(--surface);
      box-shadow: var(--shadow);
      overflow-wrap: anywhere;
    }
    :host(.outbound) {
      align-self: flex-end;
      background: light-dark(#d9fdd3, #134d37);
      color: light-dark(#111b21, #e9edef);
    }
    p {
      white-space: pre-wrap;
    }
    .odd {
      font-style: italic;
    }
    .foot {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
      align-items: center;
      justify-content: flex-end;
      font-size: 11.5px;
      color: light-dark(#4d5a63, #b3bfc6);
    }
    .foot a {
      color: inherit;
      text-decoration: underline;
    }
    .failure {
      color: var(--bad);
      font-size: 12.5px;
    }
  `,
  host: { "[class.outbound]": "message().direction === 'outbound'" },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ChatBubble {
  readonly message = input.required<ChatMessage>();
  protected readonly days = inject(DayNames);
  protected readonly t = useTexts(inboxTexts);
  readonly #errors = useTexts(errorTexts);
  protected readonly failure = computed(() => {
    const { error_code: code, state } = this.message();
    return code === null || state !== "failed" ? null : errorText(this.#errors().codes, code);
  });
}
