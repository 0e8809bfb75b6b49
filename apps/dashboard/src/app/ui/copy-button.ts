import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import { Clipboard } from "@angular/cdk/clipboard";
import { MatButtonModule } from "@angular/material/button";
import { mdiContentCopy } from "@mdi/js";
import { useTexts } from "../i18n/i18n.ts";
import { Icon } from "./icon.ts";
import { Toast } from "./toast.ts";
import { uiTexts } from "./ui.i18n.ts";

@Component({
  selector: "app-copy",
  imports: [Icon, MatButtonModule],
  template: `
    <button mat-icon-button type="button" [attr.aria-label]="t().copy" (click)="copy()">
      <app-icon [path]="icon" />
    </button>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CopyButton {
  readonly text = input.required<string>();
  readonly #clipboard = inject(Clipboard);
  readonly #toast = inject(Toast);
  protected readonly t = useTexts(uiTexts);
  protected readonly icon = mdiContentCopy;

  protected copy(): void {
    if (this.#clipboard.copy(this.text())) this.#toast.say(this.t().copied);
  }
}
