import { ChangeDetectionStrategy, Component, inject, resource } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { mdiCellphoneLink, mdiPlus } from "@mdi/js";
import type { Device } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { Status } from "../ui/status-chip.ts";
import { AddDeviceDialog } from "./add-device-dialog.ts";
import { devicesTexts } from "./devices.i18n.ts";
import { LinkDialog } from "./link-dialog.ts";
import { Pools } from "./pools.ts";

const refreshMs = 3_000;

@Component({
  selector: "app-devices",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatProgressBarModule,
    PageHeader,
    Pools,
    ProblemBanner,
    RouterLink,
    Status,
  ],
  templateUrl: "./devices.html",
  styleUrl: "./devices.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DevicesPage {
  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  readonly #router = inject(Router);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(devicesTexts);
  protected readonly icons = { plus: mdiPlus, device: mdiCellphoneLink };
  protected readonly devices = resource({
    loader: async ({ abortSignal }) =>
      (await this.#api.devices.list({ limit: 1_000 }, { signal: abortSignal })).items,
  });

  constructor() {
    every(refreshMs, () => this.devices.reload());
  }

  protected async add(): Promise<void> {
    const dialog = this.#dialog.open<AddDeviceDialog, void, Device>(AddDeviceDialog, { width: "460px" });
    const made = await firstValueFrom(dialog.afterClosed());
    if (!made) return;
    this.devices.reload();
    if (made.kind === "whatsapp_web") this.link(made);
    else await this.#router.navigate(["/devices", made.id]);
  }

  protected link(device: Device): void {
    this.#dialog
      .open(LinkDialog, { data: device, width: "560px", maxWidth: "96vw" })
      .afterClosed()
      .subscribe(() => this.devices.reload());
  }

  /** Signed in nowhere, and linked by scanning. */
  protected linkable({ kind, state }: Device): boolean {
    return kind === "whatsapp_web" && state !== "connected" && state !== "connecting";
  }
}
