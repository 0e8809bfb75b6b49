import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  numberAttribute,
  resource,
  signal,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatMenuModule } from "@angular/material/menu";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { Router } from "@angular/router";
import { mdiDotsVertical } from "@mdi/js";
import { PregoneroError, type BrowserContext, type Device } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { every } from "../../live/live.ts";
import { Session } from "../../session/session.ts";
import { PageTitles } from "../../shell/page-titles.ts";
import { Confirm } from "../../ui/confirm.ts";
import { Icon } from "../../ui/icon.ts";
import { PageHeader } from "../../ui/page-header.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Status } from "../../ui/status-chip.ts";
import { Toast } from "../../ui/toast.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { devicesTexts } from "../devices.i18n.ts";
import { LinkDialog } from "../link-dialog.ts";
import { CredentialsForm } from "./credentials-form.ts";
import { PaceForm } from "./pace-form.ts";

const refreshMs = 3_000;

@Component({
  selector: "app-device",
  imports: [
    CredentialsForm,
    Icon,
    MatButtonModule,
    MatMenuModule,
    MatProgressBarModule,
    PaceForm,
    PageHeader,
    ProblemBanner,
    Status,
  ],
  templateUrl: "./device.html",
  styleUrl: "./device.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class DevicePage {
  readonly id = input.required({ transform: numberAttribute });

  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  readonly #router = inject(Router);
  readonly #titles = inject(PageTitles);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(devicesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly busy = signal(false);
  protected readonly icons = { more: mdiDotsVertical };

  protected readonly device = resource({
    params: () => this.id(),
    loader: ({ params, abortSignal }) => this.#api.devices.get(params, { signal: abortSignal }),
  });
  protected readonly context = resource({
    params: () => this.id(),
    loader: ({ params }) => this.#contextOf(params),
  });
  protected readonly isWeb = computed(
    () => this.device.hasValue() && this.device.value().kind === "whatsapp_web",
  );

  constructor() {
    effect(() => {
      if (this.device.hasValue()) this.#titles.use(this.device.value().name);
    });
    every(refreshMs, () => this.refresh());
  }

  protected refresh(): void {
    this.device.reload();
    this.context.reload();
  }

  protected link(device: Device): void {
    this.#dialog
      .open(LinkDialog, { data: device, width: "560px", maxWidth: "96vw" })
      .afterClosed()
      .subscribe(() => this.refresh());
  }

  protected async unlink({ id, name }: Device): Promise<void> {
    const { unlinkTitle, unlinkText: text, unlink: action } = this.t();
    if (await this.#confirm.ask({ title: unlinkTitle(name), text, action, dangerous: true }))
      await this.#do(() => this.#api.devices.unlink(id));
  }

  protected async remove({ id, name }: Device): Promise<void> {
    const { deleteTitle, deleteText: text, delete: action } = this.t();
    if (!(await this.#confirm.ask({ title: deleteTitle(name), text, action, dangerous: true }))) return;
    await this.#do(async () => {
      await this.#api.devices.delete(id);
      await this.#router.navigate(["/devices"]);
    });
  }

  protected takeBack({ id }: Device): Promise<void> {
    return this.#do(() => this.#api.devices.resume(id), this.t().takenBack);
  }

  protected restart({ id }: Device): Promise<void> {
    return this.#do(() => this.#api.browserContexts.restart(id), this.t().restarted);
  }

  protected close({ id }: Device): Promise<void> {
    return this.#do(() => this.#api.browserContexts.close(id), this.t().closed);
  }

  async #contextOf(id: number): Promise<BrowserContext | null> {
    try {
      return await this.#api.browserContexts.get(id);
    } catch (error) {
      // It never had one.
      if (error instanceof PregoneroError && error.status === 404) return null;
      throw error;
    }
  }

  async #do(work: () => Promise<unknown>, said?: string): Promise<void> {
    this.busy.set(true);
    try {
      await work();
      if (said !== undefined) this.#toast.say(said);
      this.refresh();
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.busy.set(false);
    }
  }
}
