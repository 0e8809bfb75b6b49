import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { suppressionsTexts } from "./suppressions.i18n.ts";

/** Adds one number, or many at once; closes with what is to be said of it. */
@Component({
  selector: "app-suppression-dialog",
  imports: [MatButtonModule, MatDialogModule, MatFormFieldModule, MatInputModule, ProblemBanner],
  template: `
    <h2 mat-dialog-title>{{ many ? t().import : t().add }}</h2>
    <form (submit)="$event.preventDefault(); save()">
      <mat-dialog-content>
        <div class="stack">
          @if (many) {
            <p class="soft">{{ t().importHint }}</p>
            <mat-form-field>
              <mat-label>{{ t().paste }}</mat-label>
              <textarea #list matInput rows="8" [value]="text()" (input)="text.set(list.value)"></textarea>
            </mat-form-field>
            <label>
              <span class="visually-hidden">{{ t().choose }}</span>
              <input #file type="file" accept=".csv,.txt,text/plain,text/csv" (change)="read(file.files)" />
            </label>
          } @else {
            <mat-form-field>
              <mat-label>{{ t().phone }}</mat-label>
              <input
                #phone
                matInput
                type="tel"
                required
                cdkFocusInitial
                [value]="text()"
                (input)="text.set(phone.value)"
              />
            </mat-form-field>
          }
          <mat-form-field>
            <mat-label>{{ t().reason }} ({{ ui().optional }})</mat-label>
            <input #why matInput maxlength="200" [value]="reason()" (input)="reason.set(why.value)" />
          </mat-form-field>
          @if (problem(); as error) {
            <app-problem [error]="error" />
          }
        </div>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button mat-button type="button" mat-dialog-close>{{ ui().cancel }}</button>
        <button mat-flat-button type="submit" [disabled]="busy() || text().trim() === ''">
          {{ many ? t().doImport : t().add }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SuppressionDialog {
  readonly #api = inject(API).suppressions;
  readonly #dialog = inject<MatDialogRef<SuppressionDialog, string>>(MatDialogRef);
  readonly #format = inject(Format);
  protected readonly many = inject<boolean>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(suppressionsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly text = signal("");
  protected readonly reason = signal("");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async read(files: FileList | null): Promise<void> {
    const file = files?.item(0);
    if (file) this.text.set(await file.text());
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.#dialog.close(this.many ? await this.#import() : await this.#add());
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }

  async #add(): Promise<string> {
    await this.#api.add({ phone: this.text(), ...this.#why() });
    return this.t().added;
  }

  async #import(): Promise<string> {
    // The first cell of each line that has a digit in it: headers and blank lines are none.
    const cells = this.text()
      .split(/\r\n|\n|\r/)
      .map(
        (line) =>
          line
            .split(/[;,\t]/, 1)[0]
            ?.replaceAll('"', "")
            .trim() ?? "",
      );
    const phones = cells.filter((cell) => /\d/.test(cell));
    const { added, known, rejected } = await this.#api.import({ phones, ...this.#why() });
    const [a, k, r] = [added, known, rejected].map((count) => this.#format.number(count));
    return this.t().imported(a ?? "", k ?? "", r ?? "");
  }

  #why(): { reason?: string } {
    const reason = this.reason().trim();
    return reason === "" ? {} : { reason };
  }
}
