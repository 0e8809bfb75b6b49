import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Device, DevicePool } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { devicesTexts } from "./devices.i18n.ts";

export interface PoolDraft {
  /** Null for a new one. */
  readonly pool: DevicePool | null;
  readonly devices: readonly Device[];
}

@Component({
  selector: "app-pool-dialog",
  imports: [
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    ProblemBanner,
  ],
  template: `
    <h2 mat-dialog-title>{{ draft.pool?.name ?? t().pools.add }}</h2>
    <form (submit)="$event.preventDefault(); save()">
      <mat-dialog-content>
        <div class="stack">
          <mat-form-field>
            <mat-label>{{ t().pools.name }}</mat-label>
            <input #text matInput required maxlength="120" [value]="name()" (input)="name.set(text.value)" />
          </mat-form-field>
          <mat-form-field>
            <mat-label>{{ t().pools.devices }}</mat-label>
            <mat-select multiple [value]="ids()" (selectionChange)="ids.set($event.value)">
              @for (device of draft.devices; track device.id) {
                <mat-option [value]="device.id">{{ device.name }}</mat-option>
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
          {{ ui().save }}
        </button>
      </mat-dialog-actions>
    </form>
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PoolDialog {
  readonly #api = inject(API).devicePools;
  readonly #dialog = inject<MatDialogRef<PoolDialog, boolean>>(MatDialogRef);
  protected readonly draft = inject<PoolDraft>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(devicesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly name = signal(this.draft.pool?.name ?? "");
  protected readonly ids = signal<number[]>(this.draft.pool?.device_ids ?? []);
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const pool = { name: this.name().trim(), device_ids: this.ids() };
    try {
      if (this.draft.pool === null) await this.#api.create(pool);
      else await this.#api.replace(this.draft.pool.id, pool);
      this.#dialog.close(true);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
