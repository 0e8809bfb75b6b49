import { ChangeDetectionStrategy, Component, computed, inject, resource } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { mdiCheckCircleOutline, mdiOpenInNew, mdiServerOff } from "@mdi/js";
import type { FleetWorker } from "@pregonero/client";
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
import { Toast } from "../ui/toast.ts";
import { fleetTexts } from "./fleet.i18n.ts";

const refreshMs = 2_000;
/** A worker that beats every few seconds is told of when it has not for so long. */
const silentS = 15;

@Component({
  selector: "app-fleet",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatProgressBarModule,
    PageHeader,
    ProblemBanner,
    RouterLink,
    Status,
  ],
  templateUrl: "./fleet.html",
  styleUrl: "./fleet.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FleetPage {
  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(fleetTexts);
  protected readonly icons = { none: mdiServerOff, fine: mdiCheckCircleOutline, open: mdiOpenInNew };
  protected readonly fleet = resource({
    loader: ({ abortSignal }) => this.#api.fleet({ signal: abortSignal }),
  });
  protected readonly alive = computed(() =>
    this.fleet.hasValue() ? this.fleet.value().workers.filter(({ status }) => status !== "lost").length : 0,
  );

  constructor() {
    every(refreshMs, () => this.fleet.reload());
  }

  protected silent({ silent_s: seconds }: FleetWorker): boolean {
    return seconds >= silentS;
  }

  protected megabytes(count: number | null): string {
    return count === null ? "–" : `${this.format.number(count)} MB`;
  }

  protected async openQueues(): Promise<void> {
    try {
      await this.session.openAdminPages();
      window.open("/admin/queues", "_blank", "noopener");
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
