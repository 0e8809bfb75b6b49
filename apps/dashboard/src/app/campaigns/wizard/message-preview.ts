import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { mdiCheckAll, mdiChevronLeft, mdiChevronRight } from "@mdi/js";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { Draft } from "./draft.ts";
import { wizardTexts } from "./wizard.i18n.ts";

interface Piece {
  readonly text: string;
  readonly missing: boolean;
}

/** The message as one recipient gets it. */
@Component({
  selector: "app-message-preview",
  imports: [Icon, MatButtonModule],
  template: `
    <div class="head">
      <h2>{{ t().message.preview }}</h2>
      <span class="spacer"></span>
      @if (rows(); as count) {
        <button
          mat-icon-button
          type="button"
          [attr.aria-label]="t().message.previousRow"
          [disabled]="draft.sample() === 0"
          (click)="step(-1)"
        >
          <app-icon [path]="icons.previous" />
        </button>
        <span class="faint number">{{ format.number(draft.sample() + 1) }} / {{ format.number(count) }}</span>
        <button
          mat-icon-button
          type="button"
          [attr.aria-label]="t().message.nextRow"
          [disabled]="draft.sample() >= count - 1"
          (click)="step(1)"
        >
          <app-icon [path]="icons.next" />
        </button>
      }
    </div>
    <div class="chat" aria-live="polite">
      @if (draft.body().trim() === "") {
        <p class="faint">{{ t().message.empty }}</p>
      } @else {
        <div class="bubble">
          @for (piece of pieces(); track $index) {
            <span [class.missing]="piece.missing">{{ piece.text }}</span>
          }
          <span class="time">12:00 <app-icon [path]="icons.read" /></span>
        </div>
        @if (missing(); as name) {
          <p class="lacks">{{ t().message.missing(name) }}</p>
        }
      }
    </div>
  `,
  styleUrl: "./message-preview.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MessagePreview {
  protected readonly draft = inject(Draft);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(wizardTexts);
  protected readonly icons = { previous: mdiChevronLeft, next: mdiChevronRight, read: mdiCheckAll };
  protected readonly rows = computed(() => this.draft.seen()?.rows.length ?? 0);

  protected readonly pieces = computed((): readonly Piece[] => {
    const parsed = this.draft.parsed();
    if ("error" in parsed) return [{ text: this.draft.body(), missing: false }];
    const values = this.draft.values();
    return parsed.template.parts.map((part) => {
      if (part.kind === "text") return { text: part.text, missing: false };
      const text = values[part.key] || part.fallback;
      return text === null ? { text: `{{${part.name}}}`, missing: true } : { text, missing: false };
    });
  });
  protected readonly missing = computed(() =>
    this.rows() === 0 ? undefined : this.pieces().find(({ missing }) => missing)?.text,
  );

  protected step(by: number): void {
    this.draft.sample.update((place) => Math.min(Math.max(0, place + by), Math.max(0, this.rows() - 1)));
  }
}
