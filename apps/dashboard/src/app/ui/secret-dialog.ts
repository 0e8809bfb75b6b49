import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule } from "@angular/material/dialog";
import { useTexts } from "../i18n/i18n.ts";
import { CopyButton } from "./copy-button.ts";
import { uiTexts } from "./ui.i18n.ts";

export interface ShownSecret {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
}

/** A secret, to be copied. Open it with `disableClose`: closed by accident, one that is shown once is lost. */
@Component({
  selector: "app-secret-dialog",
  imports: [CopyButton, MatButtonModule, MatDialogModule],
  template: `
    <h2 mat-dialog-title>{{ data.title }}</h2>
    <mat-dialog-content>
      <p class="soft">{{ data.text }}</p>
      <p class="secret">
        <code>{{ data.secret }}</code><app-copy [text]="data.secret" />
      </p>
    </mat-dialog-content>
    <mat-dialog-actions align="end">
      <button mat-flat-button mat-dialog-close>{{ t().close }}</button>
    </mat-dialog-actions>
  `,
  styles: `
    .secret {
      display: flex;
      align-items: center;
      margin-top: 12px;
      padding: 6px 6px 6px 14px;
      border-radius: var(--radius-small);
      background: var(--surface-sunken);
    }
    code {
      flex: 1;
      overflow-wrap: anywhere;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SecretDialog {
  protected readonly data = inject<ShownSecret>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(uiTexts);
}
