import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Conversation, Device } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { inboxTexts } from "./inbox.i18n.ts";

/** Begins a conversation with a number, or finds the one that there is. */
@Component({
  selector: "app-begin-dialog",
  imports: [
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  template: `
    <h2 mat-dialog-title>{{ t().begin }}</h2>
    <form (submit)="$event.preventDefault(); begin()">
      <mat-dialog-content class="stack">
        <mat-form-field>
          <mat-label>{{ t().device }}</mat-label>
          <mat-select [value]="deviceId()" (selectionChange)="deviceId.set($event.value)">
            @for (device of devices; track device.id) {
              <mat-option [value]="device.id">{{ device.name }}</mat-option>
            }
          </mat-select>
        </mat-form-field>
        <mat-form-field>
          <mat-label>{{ t().number }}</mat-label>
          <input
            #number
            matInput
            required
            type="tel"
            maxlength="60"
            cdkFocusInitial
            [value]="phone()"
            (input)="phone.set(number.value)"
          />
        </mat-form-field>
        <mat-form-field>
          <mat-label>{{ t().name }} ({{ ui().optional }})</mat-label>
          <input #text matInput maxlength="120" [value]="name()" (input)="name.set(text.value)" />
        </mat-form-field>
        @if (problem(); as error) {
          <app-problem [error]="error" />
        }
      </mat-dialog-content>
      <mat-dialog-actions align="end">
        <button mat-button type="button" mat-dialog-close>{{ ui().cancel }}</button>
        <button mat-flat-button type="submit" [disabled]="busy() || phone().trim() === ''">
          {{ t().start }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    mat-dialog-content {
      padding-top: 6px !important;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class BeginDialog {
  readonly #api = inject(API).conversations;
  readonly #dialog = inject<MatDialogRef<BeginDialog, Conversation>>(MatDialogRef);
  protected readonly devices = inject<readonly Device[]>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(inboxTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly deviceId = signal(
    (this.devices.find(({ state }) => state === "connected") ?? this.devices[0])?.id ?? 0,
  );
  protected readonly phone = signal("");
  protected readonly name = signal("");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async begin(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const name = this.name().trim();
    try {
      const conversation = await this.#api.begin({
        device_id: this.deviceId(),
        phone: this.phone().trim(),
        ...(name === "" ? {} : { contact_name: name }),
      });
      this.#dialog.close(conversation);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
