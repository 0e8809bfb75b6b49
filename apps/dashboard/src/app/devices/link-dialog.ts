import { ChangeDetectionStrategy, Component, computed, inject, resource, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatTabsModule } from "@angular/material/tabs";
import { mdiCheckCircle } from "@mdi/js";
import { PregoneroError, type Device, type DeviceQr } from "@pregonero/client";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Icon } from "../ui/icon.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { devicesTexts } from "./devices.i18n.ts";

const lookMs = 1_500;
/** From then on something is probably wrong. */
const longMs = 25_000;

/** Shows the QR as it changes, or a pairing code, until the phone is linked. */
@Component({
  selector: "app-link-dialog",
  imports: [
    Icon,
    MatButtonModule,
    MatDialogModule,
    MatFormFieldModule,
    MatInputModule,
    MatProgressBarModule,
    MatTabsModule,
    ProblemBanner,
  ],
  templateUrl: "./link-dialog.html",
  styleUrl: "./link-dialog.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LinkDialog {
  readonly #api = inject(API);
  readonly #begunMs = Date.now();
  protected readonly device = inject<Device>(MAT_DIALOG_DATA);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(devicesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly icons = { done: mdiCheckCircle };

  protected readonly qr = signal<DeviceQr | null>(null);
  protected readonly now = signal<Device>(this.device);
  protected readonly problem = signal<unknown>(null);
  protected readonly long = signal(false);
  protected readonly phone = signal("");
  protected readonly code = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly steps = computed(() => this.t().linking.steps.split("\n"));
  protected readonly done = computed(() => this.now().state === "connected");
  /** Once: asks for the phone to be linked. */
  readonly #asked = resource({
    loader: async () => {
      const answer = await this.#try(() => this.#api.devices.link(this.device.id, { method: "qr" }));
      if (answer) this.now.set(answer.device);
      return answer !== null;
    },
  });

  constructor() {
    every(lookMs, () => void this.#look());
  }

  protected async getCode(): Promise<void> {
    this.busy.set(true);
    const answer = await this.#try(() =>
      this.#api.devices.link(this.device.id, { method: "code", phone: this.phone() }),
    );
    if (answer) this.code.set(answer.code);
    this.busy.set(false);
  }

  async #look(): Promise<void> {
    if (this.done() || !this.#asked.hasValue()) return;
    this.long.set(this.qr() === null && Date.now() - this.#begunMs > longMs);
    try {
      const device = await this.#api.devices.get(this.device.id);
      this.now.set(device);
      this.qr.set(device.state === "qr" ? await this.#api.devices.qr(this.device.id) : null);
    } catch (error) {
      // There is no QR at this moment; the next look finds one.
      if (!(error instanceof PregoneroError && error.status === 409)) this.problem.set(error);
    }
  }

  async #try<T>(call: () => Promise<T>): Promise<T | null> {
    this.problem.set(null);
    try {
      return await call();
    } catch (error) {
      this.problem.set(error);
      return null;
    }
  }
}
