import {
  ChangeDetectionStrategy,
  Component,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import type { Device, Pacing } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { devicesTexts } from "../devices.i18n.ts";
import { formOf, pacingOf, type PaceFields } from "./pace-fields.ts";

/** How fast and when a device may send. */
@Component({
  selector: "app-pace-form",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, MatSelectModule, ProblemBanner],
  templateUrl: "./pace-form.html",
  styles: `
    .fields {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
      gap: 14px;
      margin: 14px 0;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PaceForm {
  readonly deviceId = input.required<number>();
  readonly pacing = input.required<Pacing>();
  readonly saved = output<Device>();
  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly t = useTexts(devicesTexts);
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);
  /** What is typed stays when the device is asked for again and its pace is what it was. */
  readonly #text = linkedSignal(() => JSON.stringify(this.pacing()));
  protected readonly fields = linkedSignal(() => formOf(JSON.parse(this.#text()) as Pacing));
  protected readonly zones = Intl.supportedValuesOf("timeZone");

  protected set<Name extends keyof PaceFields>(name: Name, value: PaceFields[Name]): void {
    this.fields.update((fields) => ({ ...fields, [name]: value }));
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      const pacing = pacingOf(this.fields(), this.pacing());
      this.saved.emit(await this.#api.devices.update(this.deviceId(), { pacing }));
      this.#toast.say(this.t().saved);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
