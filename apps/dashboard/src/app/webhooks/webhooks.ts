import { ChangeDetectionStrategy, Component, inject, resource, viewChild } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatMenuModule } from "@angular/material/menu";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatSlideToggleModule, type MatSlideToggleChange } from "@angular/material/slide-toggle";
import { mdiDotsVertical, mdiPlus, mdiWebhook } from "@mdi/js";
import type { WebhookEndpoint, WebhookEndpointWithSecret } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { Chip } from "../ui/chip.ts";
import { Confirm } from "../ui/confirm.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { SecretDialog, type ShownSecret } from "../ui/secret-dialog.ts";
import type { Tone } from "../ui/status-chip.ts";
import { Toast } from "../ui/toast.ts";
import { Deliveries } from "./deliveries.ts";
import { WebhookDialog } from "./webhook-dialog.ts";
import { webhooksTexts } from "./webhooks.i18n.ts";

const refreshMs = 5_000;
const dayMs = 86_400_000;

@Component({
  selector: "app-webhooks",
  imports: [
    Chip,
    Deliveries,
    EmptyState,
    Icon,
    MatButtonModule,
    MatMenuModule,
    MatProgressBarModule,
    MatSlideToggleModule,
    PageHeader,
    ProblemBanner,
  ],
  templateUrl: "./webhooks.html",
  styleUrl: "./webhooks.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class WebhooksPage {
  readonly #api = inject(API).webhooks;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly log = viewChild(Deliveries);
  protected readonly t = useTexts(webhooksTexts);
  protected readonly icons = { plus: mdiPlus, webhook: mdiWebhook, more: mdiDotsVertical };
  protected readonly endpoints = resource({
    loader: ({ abortSignal: signal }) => this.#api.list({ signal }),
  });

  constructor() {
    every(refreshMs, () => this.endpoints.reload());
  }

  protected state(endpoint: WebhookEndpoint): { tone: Tone; label: string } {
    const { states } = this.t();
    if (!endpoint.enabled) return { tone: "quiet", label: states.disabled };
    if (endpoint.failures > 0) return { tone: "bad", label: states.failing };
    if (endpoint.last_success_at === null) return { tone: "quiet", label: states.never };
    return { tone: "ok", label: states.ok };
  }

  protected about(endpoint: WebhookEndpoint): string {
    const [t, { format }] = [this.t(), this];
    const all = endpoint.event_types.includes("*");
    const parts = [all ? t.all : t.chosen(format.number(endpoint.event_types.length))];
    if (endpoint.failures > 0) parts.push(t.failures(format.number(endpoint.failures)));
    if (endpoint.last_success_at !== null) parts.push(t.lastSuccess(format.ago(endpoint.last_success_at)));
    const former = endpoint.old_secret_until;
    if (former !== null && Date.parse(former) > Date.now()) parts.push(t.oldSecret(format.dateTime(former)));
    return parts.join(" · ");
  }

  protected async edit(endpoint: WebhookEndpoint | null): Promise<void> {
    const dialog = this.#dialog.open<
      WebhookDialog,
      WebhookEndpoint | null,
      WebhookEndpoint | WebhookEndpointWithSecret
    >(WebhookDialog, { data: endpoint, width: "600px", maxWidth: "96vw" });
    const saved = await firstValueFrom(dialog.afterClosed());
    if (!saved) return;
    this.endpoints.reload();
    if ("secret" in saved) this.#show(this.t().created, saved.secret);
    else this.#toast.say(this.t().saved);
  }

  protected async turn({ id }: WebhookEndpoint, { checked, source }: MatSlideToggleChange): Promise<void> {
    try {
      await this.#api.update(id, { enabled: checked });
    } catch (error) {
      source.checked = !checked;
      this.#toast.problem(error);
    }
    this.endpoints.reload();
  }

  protected ping({ id }: WebhookEndpoint): Promise<void> {
    return this.#do(async () => {
      await this.#api.ping(id);
      return this.t().pinged;
    });
  }

  protected replay({ id }: WebhookEndpoint): Promise<void> {
    return this.#do(async () => {
      const since = new Date(Date.now() - dayMs).toISOString();
      return this.t().replayed(this.format.number(await this.#api.replayFailed(id, { since })));
    });
  }

  protected async rotate({ id }: WebhookEndpoint): Promise<void> {
    const { rotateTitle: title, rotateText: text, actions, rotated } = this.t();
    if (!(await this.#confirm.ask({ title, text, action: actions.rotate }))) return;
    try {
      this.#show(rotated, (await this.#api.rotateSecret(id)).secret);
      this.endpoints.reload();
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  protected async remove({ id }: WebhookEndpoint): Promise<void> {
    const { deleteTitle: title, deleteText: text, actions, deleted } = this.t();
    if (!(await this.#confirm.ask({ title, text, action: actions.delete, dangerous: true }))) return;
    await this.#do(async () => {
      await this.#api.delete(id);
      return deleted;
    });
  }

  async #do(action: () => Promise<string>): Promise<void> {
    try {
      this.#toast.say(await action());
    } catch (error) {
      this.#toast.problem(error);
    }
    this.endpoints.reload();
    await this.log()?.restart();
  }

  #show(title: string, secret: string): void {
    const data = { title, text: this.t().secretOnce, secret };
    const options = { data, width: "540px", disableClose: true };
    this.#dialog.open<SecretDialog, ShownSecret>(SecretDialog, options);
  }
}
