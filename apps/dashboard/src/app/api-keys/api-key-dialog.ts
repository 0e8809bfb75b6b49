import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Role } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { CopyButton } from "../ui/copy-button.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { apiKeysTexts } from "./api-keys.i18n.ts";

const roles: readonly Role[] = ["viewer", "operator", "admin"];

/** Makes a key, and shows it this once. Closes with true when one was made. */
@Component({
  selector: "app-api-key-dialog",
  imports: [
    CopyButton,
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  template: `
    <h2 mat-dialog-title>{{ made() === null ? t().add : t().made }}</h2>
    @if (made(); as key) {
      <mat-dialog-content>
        <p class="soft">{{ t().once }}</p>
        <p class="key">
          <code>{{ key }}</code><app-copy [text]="key" />
        </p>
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button mat-flat-button [mat-dialog-close]="true">{{ ui().close }}</button>
      </mat-dialog-actions>
    } @else {
      <form (submit)="$event.preventDefault(); create()">
        <mat-dialog-content>
          <div class="stack">
            <mat-form-field>
              <mat-label>{{ t().name }}</mat-label>
              <input
                #text
                matInput
                required
                maxlength="120"
                cdkFocusInitial
                [value]="name()"
                (input)="name.set(text.value)"
              />
            </mat-form-field>
            <mat-form-field>
              <mat-label>{{ t().role }}</mat-label>
              <mat-select [value]="role()" (selectionChange)="role.set($event.value)">
                @for (option of roles; track option) {
                  <mat-option [value]="option">{{ t().roles[option] }}</mat-option>
                }
              </mat-select>
            </mat-form-field>
            <mat-form-field>
              <mat-label>{{ t().expires }} ({{ ui().optional }})</mat-label>
              <input #until matInput type="date" [value]="expires()" (input)="expires.set(until.value)" />
            </mat-form-field>
            @if (problem(); as error) {
              <app-problem [error]="error" />
            }
          </div>
        </mat-dialog-content>
        <mat-dialog-actions align="end">
          <button mat-button type="button" mat-dialog-close>{{ ui().cancel }}</button>
          <button mat-flat-button type="submit" [disabled]="busy() || name().trim() === ''">
            {{ t().create }}
          </button>
        </mat-dialog-actions>
      </form>
    }
  `,
  styles: `
    .key {
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
export class ApiKeyDialog {
  readonly #api = inject(API).apiKeys;
  readonly #dialog = inject<MatDialogRef<ApiKeyDialog, boolean>>(MatDialogRef);
  protected readonly t = useTexts(apiKeysTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly roles = roles;
  protected readonly name = signal("");
  protected readonly role = signal<Role>("operator");
  protected readonly expires = signal("");
  protected readonly made = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async create(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const expires = this.expires();
    try {
      const { key } = await this.#api.create({
        name: this.name().trim(),
        role: this.role(),
        ...(expires === "" ? {} : { expires_at: new Date(`${expires}T23:59:59`).toISOString() }),
      });
      this.made.set(key);
      // Closed by accident it would be lost, and its row must show all the same.
      this.#dialog.disableClose = true;
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
