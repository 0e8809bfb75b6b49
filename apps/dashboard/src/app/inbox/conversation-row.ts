import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { mdiAccountVoice } from "@mdi/js";
import type { Conversation } from "@pregonero/client";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "../ui/icon.ts";
import { DayNames } from "./chat/day-names.ts";
import { inboxTexts } from "./inbox.i18n.ts";

@Component({
  selector: "app-conversation-row",
  imports: [Icon],
  template: `
    @let about = conversation();
    <span class="face" aria-hidden="true">{{ initials() }}</span>
    <span class="middle">
      <span class="line">
        <strong class="ellipsis">{{ about.contact_name ?? format.phone(about.phone) }}</strong>
        @if (about.handed_over) {
          <app-icon [path]="icon" />
          <span class="visually-hidden">{{ t().handedOver }}</span>
        }
      </span>
      <span class="line preview ellipsis" [class.waits]="about.unread_count > 0">
        @if (about.last_message; as last) {
          @if (last.direction === "outbound") {
            {{ t().you }}
          }
          {{ last.preview }}
        }
      </span>
      <span class="line faint ellipsis">
        @if (about.status === "closed") {
          {{ t().closed }} ·
        }
        {{ deviceName() }}
      </span>
    </span>
    <span class="end">
      @if (about.last_message; as last) {
        <time class="faint" [attr.datetime]="last.at">{{ days.short(last.at) }}</time>
      }
      @if (about.unread_count > 0) {
        <span class="count">
          <span aria-hidden="true">{{ format.number(about.unread_count) }}</span>
          <span class="visually-hidden">{{ t().unread(format.number(about.unread_count)) }}</span>
        </span>
      }
    </span>
  `,
  styles: `
    :host {
      display: flex;
      gap: 12px;
      align-items: center;
      height: 100%;
      padding: 0 12px;
    }
    .face {
      display: grid;
      flex: none;
      place-items: center;
      width: 40px;
      height: 40px;
      border-radius: 50%;
      background: var(--surface-sunken);
      color: var(--ink-soft);
      font-size: 13px;
      font-weight: 620;
    }
    .middle {
      flex: 1;
      min-width: 0;
      line-height: 1.35;
    }
    .line {
      display: block;
    }
    .line:first-child {
      display: flex;
      gap: 4px;
      align-items: center;
    }
    .line app-icon {
      color: var(--ink-faint);
      font-size: 15px;
    }
    .preview {
      min-height: 19px;
      color: var(--ink-soft);
      font-size: 13px;
    }
    .waits {
      color: var(--ink);
      font-weight: 560;
    }
    .line.faint {
      font-size: 12px;
    }
    .end {
      display: flex;
      flex: none;
      flex-direction: column;
      gap: 6px;
      align-items: flex-end;
      font-size: 12px;
    }
    .count {
      min-width: 20px;
      padding: 0 6px;
      border-radius: 999px;
      background: var(--brand);
      color: var(--brand-ink);
      font-weight: 650;
      line-height: 20px;
      text-align: center;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConversationRow {
  readonly conversation = input.required<Conversation>();
  readonly deviceName = input.required<string>();
  protected readonly format = inject(Format);
  protected readonly days = inject(DayNames);
  protected readonly t = useTexts(inboxTexts);
  protected readonly icon = mdiAccountVoice;
  protected readonly initials = computed(() => {
    const { contact_name: name, phone } = this.conversation();
    if (name === null) return phone.slice(-2);
    const words = name.trim().split(/\s+/);
    return [words[0], words.length > 1 ? words.at(-1) : ""]
      .map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 32).trim())
      .join("");
  });
}
