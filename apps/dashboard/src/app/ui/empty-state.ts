import { ChangeDetectionStrategy, Component, input } from "@angular/core";
import { Icon } from "./icon.ts";

/** Where nothing is yet: says what would be here and, by what is put inside, how to begin. */
@Component({
  selector: "app-empty-state",
  imports: [Icon],
  template: `
    <span class="picture"><app-icon [path]="icon()" /></span>
    <h2>{{ title() }}</h2>
    @if (text()) {
      <p class="soft">{{ text() }}</p>
    }
    <div class="actions"><ng-content /></div>
  `,
  styles: `
    :host {
      display: flex;
      flex-direction: column;
      align-items: center;
      padding: 48px 24px;
      text-align: center;
    }
    .picture {
      display: grid;
      place-items: center;
      width: 56px;
      height: 56px;
      margin-bottom: 14px;
      border-radius: 16px;
      background: var(--brand-soft);
      color: var(--brand);
    }
    .picture app-icon {
      font-size: 28px;
    }
    h2 {
      font-size: 16px;
    }
    p {
      max-width: 46ch;
      margin-top: 4px;
      text-wrap: balance;
    }
    .actions {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      justify-content: center;
    }
    .actions:not(:empty) {
      margin-top: 18px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EmptyState {
  readonly icon = input.required<string>();
  readonly title = input.required<string>();
  readonly text = input<string>();
}
