import { ChangeDetectionStrategy, Component, inject, input, resource } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { mdiDeleteOutline, mdiPencilOutline, mdiPlus } from "@mdi/js";
import type { Device, DevicePool } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { Confirm } from "../ui/confirm.ts";
import { Icon } from "../ui/icon.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { Toast } from "../ui/toast.ts";
import { devicesTexts } from "./devices.i18n.ts";
import { PoolDialog, type PoolDraft } from "./pool-dialog.ts";

/** Named sets of devices. */
@Component({
  selector: "app-pools",
  imports: [Icon, MatButtonModule, ProblemBanner],
  template: `
    <section class="card">
      <div class="card-head">
        <h2>{{ t().pools.title }}</h2>
        <span class="spacer"></span>
        @if (session.isOperator()) {
          <button mat-button (click)="edit(null)"><app-icon [path]="icons.plus" />{{ t().pools.add }}</button>
        }
      </div>
      @if (pools.error(); as error) {
        <app-problem [error]="error" [retryable]="true" (retry)="pools.reload()" />
      }
      @if (pools.hasValue()) {
        <ul>
          @for (pool of pools.value(); track pool.id) {
            <li>
              <span class="text">
                <strong>{{ pool.name }}</strong>
                <span class="faint ellipsis">{{ names(pool) }}</span>
              </span>
              @if (session.isOperator()) {
                <button
                  mat-icon-button
                  [attr.aria-label]="t().pools.edit + ' ' + pool.name"
                  (click)="edit(pool)"
                >
                  <app-icon [path]="icons.edit" />
                </button>
                <button
                  mat-icon-button
                  [attr.aria-label]="t().delete + ' ' + pool.name"
                  (click)="remove(pool)"
                >
                  <app-icon [path]="icons.remove" />
                </button>
              }
            </li>
          } @empty {
            <li class="faint">{{ t().pools.none }}</li>
          }
        </ul>
      }
    </section>
  `,
  styles: `
    section {
      margin-top: 24px;
    }
    ul {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    li {
      display: flex;
      align-items: center;
      min-height: 56px;
      padding: 6px 12px 6px 20px;
    }
    li + li {
      border-top: 1px solid var(--line);
    }
    .text {
      display: flex;
      flex: 1;
      flex-direction: column;
      min-width: 0;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Pools {
  readonly devices = input.required<readonly Device[]>();
  readonly #api = inject(API).devicePools;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(devicesTexts);
  protected readonly icons = { plus: mdiPlus, edit: mdiPencilOutline, remove: mdiDeleteOutline };
  protected readonly pools = resource({
    loader: ({ abortSignal }) => this.#api.list({ signal: abortSignal }),
  });

  protected names({ device_ids: ids }: DevicePool): string {
    const names = this.devices()
      .filter(({ id }) => ids.includes(id))
      .map(({ name }) => name);
    return [this.t().pools.count(this.format.number(ids.length)), ...names.slice(0, 6)].join(" · ");
  }

  protected async edit(pool: DevicePool | null): Promise<void> {
    const data: PoolDraft = { pool, devices: this.devices() };
    const dialog = this.#dialog.open<PoolDialog, PoolDraft, boolean>(PoolDialog, { data, width: "480px" });
    if (await firstValueFrom(dialog.afterClosed())) this.pools.reload();
  }

  protected async remove({ id, name }: DevicePool): Promise<void> {
    const { deleteTitle, deleteText: text } = this.t().pools;
    const question = { title: deleteTitle(name), text, action: this.t().delete, dangerous: true };
    if (!(await this.#confirm.ask(question))) return;
    try {
      await this.#api.delete(id);
      this.pools.reload();
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
