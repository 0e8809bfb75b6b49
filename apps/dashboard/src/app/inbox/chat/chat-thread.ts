import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  type ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { mdiChevronDown } from "@mdi/js";
import type { ChatMessage } from "@pregonero/client";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { inboxTexts } from "../inbox.i18n.ts";
import { ChatBubble } from "./chat-bubble.ts";
import { DayNames } from "./day-names.ts";
import type { Thread } from "./thread.ts";

/** px: who is this near to the end is taken along when something is said. */
const nearEnd = 120;
/** px from the top where older messages are asked for. */
const nearTop = 300;

interface Day {
  readonly name: string;
  readonly messages: readonly ChatMessage[];
}

/** What was said, the newest at the bottom. */
@Component({
  selector: "app-chat-thread",
  imports: [ChatBubble, Icon, MatButtonModule, MatProgressBarModule, ProblemBanner],
  template: `
    <div
      #scroller
      class="scroller"
      tabindex="0"
      role="log"
      aria-live="polite"
      [attr.aria-label]="t().messages"
      (scroll)="scrolled()"
    >
      @if (thread().loading()) {
        <mat-progress-bar mode="indeterminate" [attr.aria-label]="ui().loading" />
      }
      @if (thread().problem(); as problem) {
        <app-problem [error]="problem" [retryable]="true" (retry)="retry()" />
      }
      @if (thread().begun()) {
        @if (!thread().complete()) {
          <button mat-button type="button" class="older" (click)="older()">{{ t().older }}</button>
        } @else {
          <p class="note soft">{{ days().length === 0 ? t().empty : t().beginning }}</p>
        }
      }
      @for (day of days(); track day.name) {
        <h3 class="note soft">{{ day.name }}</h3>
        @for (message of day.messages; track message.id) {
          <app-chat-bubble [message]="message" />
        }
      }
      @for (message of thread().pending(); track message.id) {
        <app-chat-bubble [message]="message" />
      }
    </div>
    @if (below()) {
      <button mat-flat-button type="button" class="below" (click)="toEnd()">
        <app-icon [path]="icon" />{{ t().newBelow }}
      </button>
    }
  `,
  styleUrl: "./chat-thread.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ChatThread {
  readonly thread = input.required<Thread>();
  readonly #names = inject(DayNames);
  protected readonly scroller = viewChild.required<ElementRef<HTMLElement>>("scroller");
  protected readonly t = useTexts(inboxTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icon = mdiChevronDown;
  /** Something was said that is out of sight. */
  protected readonly below = signal(false);
  protected readonly days = computed((): readonly Day[] => {
    const days: { name: string; messages: ChatMessage[] }[] = [];
    for (const message of this.thread().messages()) {
      const name = this.#names.of(message.at);
      const last = days.at(-1);
      if (last?.name === name) last.messages.push(message);
      else days.push({ name, messages: [message] });
    }
    return days;
  });
  #atEnd = true;
  #newest: string | undefined;
  /** Before older messages came in on top: what was seen stays where it was. */
  #heightBefore: number | null = null;

  constructor() {
    effect(() => {
      this.thread();
      this.#atEnd = true;
      this.#newest = undefined;
      this.below.set(false);
    });
    afterRenderEffect(() => {
      const newest = this.thread().pending().at(-1) ?? this.thread().messages().at(-1);
      this.#settle(newest);
    });
  }

  protected scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller().nativeElement;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    if (this.#atEnd) this.below.set(false);
    if (scrollTop < nearTop && this.thread().problem() === null) void this.older();
  }

  protected async older(): Promise<void> {
    if (this.thread().loading()) return;
    this.#heightBefore = this.scroller().nativeElement.scrollHeight;
    await this.thread().older();
  }

  protected retry(): void {
    void (this.thread().begun() ? this.thread().older() : this.thread().newest());
  }

  protected toEnd(): void {
    const element = this.scroller().nativeElement;
    element.scrollTop = element.scrollHeight;
  }

  #settle(newest: ChatMessage | undefined): void {
    const element = this.scroller().nativeElement;
    const said = newest !== undefined && newest.id !== this.#newest;
    const mine = newest?.direction === "outbound";
    this.#newest = newest?.id;
    if (said && (this.#atEnd || mine)) {
      this.toEnd();
      this.#atEnd = true;
    } else if (said) this.below.set(true);
    else if (this.#heightBefore !== null && !this.thread().loading()) {
      element.scrollTop += element.scrollHeight - this.#heightBefore;
      this.#heightBefore = null;
    }
  }
}
