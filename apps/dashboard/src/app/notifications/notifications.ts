import {
  ChangeDetectionStrategy,
  Component,
  inject,
  linkedSignal,
  resource,
  signal,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatSelectModule } from "@angular/material/select";
import type { TenantSettings } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { Session } from "../session/session.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { SecretDialog, type ShownSecret } from "../ui/secret-dialog.ts";
import { Toast } from "../ui/toast.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { NotificationLog } from "./notification-log.ts";
import { notificationsTexts } from "./notifications.i18n.ts";
import { NotifyFields } from "./notify-fields.ts";

@Component({
  selector: "app-notifications",
  imports: [
    MatButtonModule,
    MatFormFieldModule,
    MatSelectModule,
    NotificationLog,
    NotifyFields,
    PageHeader,
    ProblemBanner,
  ],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead">
      @if (session.isAdmin()) {
        <button mat-stroked-button (click)="showSecret()">{{ t().secret }}</button>
      }
    </app-page-header>
    @if (loaded.error(); as error) {
      <app-problem [error]="error" [retryable]="true" (retry)="loaded.reload()" />
    }
    @if (form(); as settings) {
      <section class="card">
        <div class="card-head">
          <div>
            <h2>{{ t().settings.title }}</h2>
            <p class="faint">{{ t().settings.lead }}</p>
          </div>
        </div>
        <form class="card-body stack" (submit)="$event.preventDefault(); save()">
          <app-notify-fields [notify]="settings.notify" (notifyChange)="set({ notify: $event })" />
          <mat-form-field>
            <mat-label>{{ t().settings.language }}</mat-label>
            <mat-select
              [disabled]="!session.isOperator()"
              [value]="settings.language"
              (selectionChange)="set({ language: $event.value })"
            >
              <mat-option value="es">{{ t().settings.languages.es }}</mat-option>
              <mat-option value="en">{{ t().settings.languages.en }}</mat-option>
            </mat-select>
          </mat-form-field>
          @if (problem(); as error) {
            <app-problem [error]="error" />
          }
          @if (session.isAdmin()) {
            <div class="row wrap">
              <button mat-flat-button type="submit" [disabled]="busy()">{{ ui().save }}</button>
              <button
                mat-stroked-button
                type="button"
                [disabled]="busy() || nobody(settings)"
                (click)="test(settings)"
              >
                {{ t().test }}
              </button>
            </div>
          }
        </form>
      </section>
    }
    <app-notification-log />
  `,
  styles: `
    .card-head {
      padding: 10px 20px;
    }
    section {
      max-width: 760px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NotificationsPage {
  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  readonly #toast = inject(Toast);
  protected readonly log = viewChild.required(NotificationLog);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(notificationsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly loaded = resource({
    loader: ({ abortSignal: signal }) => this.#api.settings.get({ signal }),
  });
  protected readonly form = linkedSignal<TenantSettings | undefined>(() =>
    this.loaded.hasValue() ? this.loaded.value() : undefined,
  );
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  protected set(change: Partial<TenantSettings>): void {
    this.form.update((form) => form && { ...form, ...change });
  }

  protected nobody({ notify }: TenantSettings): boolean {
    return notify.email.length === 0 && notify.webhook_url === null;
  }

  protected save(): Promise<void> {
    return this.#do(async () => {
      const form = this.form();
      if (!form) return;
      const { notify, language } = form;
      this.loaded.set(await this.#api.settings.patch({ notify, language }));
      this.#toast.say(this.t().settings.saved);
    });
  }

  /** To everybody who is written there, one by one: each shows in the log by itself. */
  protected test({ notify: { email, webhook_url: url } }: TenantSettings): Promise<void> {
    return this.#do(async () => {
      for (const address of email) await this.#api.notifications.test({ email: address });
      if (url !== null) await this.#api.notifications.test({ webhook_url: url });
      this.#toast.say(this.t().tested);
      await this.log().restart();
    });
  }

  protected async showSecret(): Promise<void> {
    try {
      const { secret } = await this.#api.notifications.signingSecret();
      const data = { title: this.t().secret, text: this.t().secretText, secret };
      this.#dialog.open<SecretDialog, ShownSecret>(SecretDialog, { data, width: "540px" });
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  async #do(action: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await action();
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
