import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import type { Device, DeviceCredentialsWrite, DeviceTest } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { devicesTexts } from "../devices.i18n.ts";

type Field = "phoneNumberId" | "accessToken" | "appSecret" | "verifyToken" | "host" | "token" | "secretKey";

const cloudFields: readonly Field[] = ["phoneNumberId", "accessToken", "appSecret", "verifyToken"];
const wablasFields: readonly Field[] = ["host", "token", "secretKey"];

/** What a device of the Cloud API or of Wablas needs to speak to its provider. */
@Component({
  selector: "app-credentials-form",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, ProblemBanner],
  template: `
    <form class="card-body stack" (submit)="$event.preventDefault(); save()">
      <p class="soft">{{ session.isAdmin() ? t().credentials.lead : t().credentials.onlyAdmin }}</p>
      @if (session.isAdmin()) {
        <div class="fields">
          @for (field of names(); track field) {
            <mat-form-field>
              <mat-label>{{ t().credentials[field] }}</mat-label>
              <input
                #text
                matInput
                autocomplete="off"
                spellcheck="false"
                [type]="field === 'phoneNumberId' || field === 'host' ? 'text' : 'password'"
                [value]="values()[field] ?? ''"
                (input)="set(field, text.value)"
              />
            </mat-form-field>
          }
        </div>
      }
      @if (problem(); as error) {
        <app-problem [error]="error" />
      }
      @if (tested(); as test) {
        <p role="status" [class.bad]="!test.ok">{{ test.detail }}</p>
      }
      @if (webhook(); as path) {
        <p>
          {{ t().credentials.webhook }}: <code>{{ path }}</code>
        </p>
      }
      <div class="row wrap">
        @if (session.isAdmin()) {
          <button mat-flat-button type="submit" [disabled]="busy() || !complete()">
            {{ t().credentials.save }}
          </button>
        }
        @if (session.isOperator()) {
          <button mat-stroked-button type="button" [disabled]="busy()" (click)="test()">
            {{ t().credentials.test }}
          </button>
        }
      </div>
    </form>
  `,
  styles: `
    .fields {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(240px, 1fr));
      gap: 14px;
    }
    .bad {
      color: var(--bad);
    }
    code {
      overflow-wrap: anywhere;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CredentialsForm {
  readonly device = input.required<Device>();
  readonly saved = output<Device>();
  readonly #api = inject(API).devices;
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(devicesTexts);
  protected readonly values = signal<Readonly<Partial<Record<Field, string>>>>({});
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);
  protected readonly tested = signal<DeviceTest | null>(null);
  protected readonly webhook = signal<string | null>(null);
  protected readonly names = computed(() =>
    this.device().kind === "whatsapp_cloud" ? cloudFields : wablasFields,
  );
  protected readonly complete = computed(() => this.names().every((name) => this.#value(name) !== ""));

  protected set(name: Field, value: string): void {
    this.values.update((values) => ({ ...values, [name]: value }));
  }

  protected save(): Promise<void> {
    return this.#do(async () => {
      const {
        device,
        webhook_path: path,
        test,
      } = await this.#api.setCredentials(this.device().id, this.#credentials());
      this.values.set({});
      this.webhook.set(location.origin + path);
      this.tested.set(test);
      this.saved.emit(device);
      this.#toast.say(this.t().saved);
    });
  }

  protected test(): Promise<void> {
    return this.#do(async () => this.tested.set(await this.#api.test(this.device().id)));
  }

  #value(name: Field): string {
    return this.values()[name]?.trim() ?? "";
  }

  #credentials(): DeviceCredentialsWrite {
    if (this.device().kind === "wablas") {
      const [host, token, secret_key] = [this.#value("host"), this.#value("token"), this.#value("secretKey")];
      return { kind: "wablas", host, token, secret_key };
    }
    return {
      kind: "whatsapp_cloud",
      phone_number_id: this.#value("phoneNumberId"),
      access_token: this.#value("accessToken"),
      app_secret: this.#value("appSecret"),
      verify_token: this.#value("verifyToken"),
    };
  }

  async #do(work: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
