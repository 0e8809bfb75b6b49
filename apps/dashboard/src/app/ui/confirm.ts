import { ChangeDetectionStrategy, Component, inject, Injectable } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialog, MatDialogModule } from "@angular/material/dialog";
import { firstValueFrom } from "rxjs";
import { useTexts } from "../i18n/i18n.ts";
import { uiTexts } from "./ui.i18n.ts";

export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button does, as a verb. */
  readonly action: string;
  /** It cannot be undone. */
  readonly dangerous?: boolean;
}

@Component({
  selector: "app-confirm-dialog",
  imports: [MatButtonModule, MatDialogModule],
  template: `
    <h2 mat-dialog-title>{{ question.title }}</h2>
    <mat-dialog-content>{{ question.text }}</mat-dialog-content>
    <mat-dialog-actions align="end">
      <button mat-button [mat-dialog-close]="false">{{ t().cancel }}</button>
      <button
        mat-flat-button
        [class.dangerous]="question.dangerous"
        [mat-dialog-close]="true"
        cdkFocusInitial
      >
        {{ question.action }}
      </button>
    </mat-dialog-actions>
  `,
  styles: `
    .dangerous {
      --mat-button-filled-container-color: var(--bad);
      --mat-button-filled-label-text-color: light-dark(#fff, #2b0a0a);
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
class ConfirmDialog {
  protected readonly question = inject<Question>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(uiTexts);
}

/** Asks before what cannot be taken back. */
@Injectable({ providedIn: "root" })
export class Confirm {
  readonly #dialog = inject(MatDialog);

  async ask(question: Question): Promise<boolean> {
    const dialog = this.#dialog.open<ConfirmDialog, Question, boolean>(ConfirmDialog, {
      data: question,
      maxWidth: 480,
      role: "alertdialog",
    });
    return (await firstValueFrom(dialog.afterClosed())) === true;
  }
}
