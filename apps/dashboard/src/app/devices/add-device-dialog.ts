import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Device, DeviceKind } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { devicesTexts } from "./devices.i18n.ts";

const kinds: readonly DeviceKind[] = ["whatsapp_web", "whatsapp_cloud", "wablas"];

@Component({
  selector: "app-add-device-dialog",
  imports: [
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  template: `
    <h2 mat-dialog-title>{{ t().add }}</h2>
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
            <mat-label>{{ t().kind }}</mat-label>
            <mat-select [value]="kind()" (selectionChange)="kind.set($event.value)">
              @for (option of kinds; track option) {
                <mat-option [value]="option">{{ t().kinds[option] }}</mat-option>
              }
            </mat-select>
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
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AddDeviceDialog {
  readonly #api = inject(API);
  readonly #dialog = inject<MatDialogRef<AddDeviceDialog, Device>>(MatDialogRef);
  protected readonly t = useTexts(devicesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly kinds = kinds;
  protected readonly name = signal("");
  protected readonly kind = signal<DeviceKind>("whatsapp_web");
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async create(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.#dialog.close(await this.#api.devices.create({ name: this.name().trim(), kind: this.kind() }));
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
