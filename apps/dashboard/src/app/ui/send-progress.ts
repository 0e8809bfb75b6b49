import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { SendProgress } from "@pregonero/client";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { uiTexts } from "./ui.i18n.ts";

/** How far a job is: what went well, what failed, what was left out, and the rest. */
@Component({
  selector: "app-send-progress",
  template: `
    <svg
      preserveAspectRatio="none"
      viewBox="0 0 100 1"
      role="progressbar"
      aria-valuemin="0"
      aria-valuemax="100"
      [attr.aria-valuenow]="progress().percentage"
      [attr.aria-label]="t().progress(percent())"
    >
      <rect class="sent" height="1" [attr.width]="shares().sent" />
      <rect class="other" height="1" [attr.x]="shares().sent" [attr.width]="shares().other" />
      <rect
        class="failed"
        height="1"
        [attr.x]="shares().sent + shares().other"
        [attr.width]="shares().failed"
      />
    </svg>
    @if (withText()) {
      <span class="number">{{ percent() }}</span>
    }
  `,
  styles: `
    :host {
      display: flex;
      align-items: center;
      gap: 10px;
    }
    svg {
      flex: 1;
      display: block;
      min-width: 40px;
      height: var(--bar-height, 6px);
      overflow: hidden;
      border-radius: 99px;
      background: var(--surface-sunken);
    }
    rect {
      transition:
        width 0.3s linear,
        x 0.3s linear;
    }
    .sent {
      fill: var(--brand);
    }
    .failed {
      fill: var(--bad);
    }
    .other {
      fill: var(--line-strong);
    }
    .number {
      min-width: 46px;
      font-size: 12.5px;
      font-weight: 560;
      text-align: right;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SendProgressBar {
  readonly progress = input.required<SendProgress>();
  readonly withText = input(true);
  readonly #format = inject(Format);
  protected readonly t = useTexts(uiTexts);
  protected readonly percent = computed(() =>
    this.#format.number(this.progress().percentage / 100, { style: "percent", maximumFractionDigits: 1 }),
  );
  protected readonly shares = computed(() => {
    const { total, sent, failed, cancelled, skipped, unknown } = this.progress();
    const share = (count: number) => (total === 0 ? 0 : (100 * count) / total);
    return { sent: share(sent), failed: share(failed), other: share(cancelled + skipped + unknown) };
  });
}
