import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { MatTooltipModule } from "@angular/material/tooltip";
import { useTexts } from "../i18n/i18n.ts";
import { Live } from "../live/live.ts";
import { shellTexts } from "./shell.i18n.ts";

/** Green, yellow, red or grey: how the live connection is. */
@Component({
  selector: "app-live-indicator",
  imports: [MatTooltipModule],
  template: `
    <span class="indicator" role="status" [class]="live.state()" [matTooltip]="t().live.hints[live.state()]">
      <span class="dot"></span>
      <span class="label">{{ t().live[live.state()] }}</span>
    </span>
  `,
  styles: `
    .indicator {
      display: inline-flex;
      align-items: center;
      gap: 7px;
      padding: 3px 10px 3px 8px;
      border-radius: 999px;
      font-size: 12.5px;
      font-weight: 550;
      white-space: nowrap;
      color: var(--tone);
      background: var(--tone-soft);
      --tone: var(--quiet);
      --tone-soft: var(--quiet-soft);
    }
    .dot {
      width: 8px;
      height: 8px;
      border-radius: 50%;
      background: currentColor;
    }
    .connected {
      --tone: var(--ok);
      --tone-soft: var(--ok-soft);
    }
    .connecting {
      --tone: var(--warn);
      --tone-soft: var(--warn-soft);
    }
    .error {
      --tone: var(--bad);
      --tone-soft: var(--bad-soft);
    }
    .connecting .dot,
    .disconnected .dot {
      animation: pulse 1.2s ease-in-out infinite;
    }
    @keyframes pulse {
      50% {
        opacity: 0.3;
      }
    }
    @media (max-width: 480px) {
      .connected .label {
        display: none;
      }
      .connected {
        padding: 5px;
        background: none;
      }
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LiveIndicator {
  protected readonly live = inject(Live);
  protected readonly t = useTexts(shellTexts);
}
