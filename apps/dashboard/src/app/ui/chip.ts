import { ChangeDetectionStrategy, Component, input } from "@angular/core";
import type { Tone } from "./status-chip.ts";

/** A word in the colour of what it means; for states that only one page knows. */
@Component({
  selector: "app-chip",
  template: `<span class="chip" [class]="tone()"><ng-content /></span>`,
  styles: `
    .chip {
      display: inline-block;
      padding: 2px 9px;
      border-radius: 999px;
      color: var(--tone);
      background: var(--tone-soft);
      font-size: 12.5px;
      font-weight: 560;
      line-height: 18px;
      white-space: nowrap;
      --tone: var(--quiet);
      --tone-soft: var(--quiet-soft);
    }
    .ok {
      --tone: var(--ok);
      --tone-soft: var(--ok-soft);
    }
    .busy {
      --tone: var(--busy);
      --tone-soft: var(--busy-soft);
    }
    .warn {
      --tone: var(--warn);
      --tone-soft: var(--warn-soft);
    }
    .bad {
      --tone: var(--bad);
      --tone-soft: var(--bad-soft);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Chip {
  readonly tone = input.required<Tone>();
}
