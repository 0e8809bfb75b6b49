import { ChangeDetectionStrategy, Component, computed, inject, resource } from "@angular/core";
import { MatSlideToggleModule, type MatSlideToggleChange } from "@angular/material/slide-toggle";
import type { Device } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { PageHeader } from "../../ui/page-header.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { botTexts } from "./bot.i18n.ts";
import { ChatSettingsForm } from "./chat-settings-form.ts";
import { Rules } from "./rules.ts";

/** What answers when nobody does: which devices have it, by which rules, and when people are there. */
@Component({
  selector: "app-bot",
  imports: [ChatSettingsForm, MatSlideToggleModule, PageHeader, ProblemBanner, Rules],
  template: `
    <app-page-header [title]="t().title" [lead]="t().lead" back="/inbox" />
    <div class="columns">
      <div class="stack">
        <section class="card">
          <div class="card-head">
            <h2>{{ t().devices.title }}</h2>
          </div>
          <div class="card-body">
            @if (loaded.error(); as error) {
              <app-problem [error]="error" [retryable]="true" (retry)="loaded.reload()" />
            }
            @for (device of devices(); track device.id) {
              <div class="row device">
                <span class="ellipsis" aria-hidden="true">{{ device.name }}</span>
                <span class="spacer"></span>
                <mat-slide-toggle
                  [checked]="on().has(device.id)"
                  [disabled]="!session.isOperator()"
                  [aria-label]="t().devices.on(device.name)"
                  (change)="turn(device, $event)"
                />
              </div>
            } @empty {
              <p class="soft">{{ t().devices.none }}</p>
            }
          </div>
        </section>
        <app-rules [devices]="devices()" />
      </div>
      <app-chat-settings-form />
    </div>
  `,
  styles: `
    .columns {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
      gap: var(--gap);
      align-items: start;
    }
    .device {
      min-height: 44px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class BotPage {
  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly t = useTexts(botTexts);
  protected readonly loaded = resource({
    loader: async ({ abortSignal: signal }) => {
      const [devices, bots] = await Promise.all([
        this.#api.devices.list({ limit: 1_000 }, { signal }),
        this.#api.bot.status({ signal }),
      ]);
      return { devices: devices.items, bots };
    },
  });
  protected readonly devices = computed(() => (this.loaded.hasValue() ? this.loaded.value().devices : []));
  protected readonly on = computed(() => {
    const bots = this.loaded.hasValue() ? this.loaded.value().bots : [];
    return new Set(bots.filter(({ enabled }) => enabled).map(({ device_id: id }) => id));
  });

  protected async turn({ id }: Device, { checked, source }: MatSlideToggleChange): Promise<void> {
    try {
      await this.#api.bot.turn(id, checked);
      this.loaded.reload();
    } catch (error) {
      source.checked = !checked;
      this.#toast.problem(error);
    }
  }
}
