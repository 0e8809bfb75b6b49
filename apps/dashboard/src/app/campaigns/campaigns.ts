import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  signal,
  untracked,
} from "@angular/core";
import { toSignal, toObservable } from "@angular/core/rxjs-interop";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import { RouterLink } from "@angular/router";
import { mdiBullhornVariantOutline, mdiMagnify, mdiPlus } from "@mdi/js";
import type { CampaignItem, JobStatus } from "@pregonero/client";
import { debounceTime } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { SendProgressBar } from "../ui/send-progress.ts";
import { stateTexts } from "../ui/states.i18n.ts";
import { Status } from "../ui/status-chip.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { campaignsTexts } from "./campaigns.i18n.ts";

const refreshMs = 3_000;
const typingMs = 250;
const statuses: readonly JobStatus[] = [
  "running",
  "pending",
  "scheduled",
  "paused",
  "completed",
  "failed",
  "cancelled",
];

@Component({
  selector: "app-campaigns",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    PageHeader,
    RouterLink,
    RowTemplate,
    SendProgressBar,
    Status,
    Table,
  ],
  templateUrl: "./campaigns.html",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CampaignsPage {
  readonly #api = inject(API);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignsTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly states = useTexts(stateTexts);
  protected readonly statuses = statuses;
  protected readonly icons = { plus: mdiPlus, search: mdiMagnify, campaigns: mdiBullhornVariantOutline };

  protected readonly status = signal<JobStatus | null>(null);
  protected readonly name = signal("");
  readonly #typed = toSignal(toObservable(this.name).pipe(debounceTime(typingMs)), { initialValue: "" });
  protected readonly filtered = computed(() => this.status() !== null || this.#typed() !== "");

  protected readonly list = new KeysetList<CampaignItem>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [status, name] = [this.status(), this.#typed().trim()];
      return this.#api.campaigns.list(
        {
          limit: 50,
          ...(status === null ? {} : { status }),
          ...(name === "" ? {} : { name }),
          ...(cursor === undefined ? {} : { cursor }),
        },
        { signal },
      );
    },
  });

  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.name, width: "minmax(180px, 2.4fr)" },
      { label: columns.state, width: "120px" },
      { label: columns.progress, width: "minmax(140px, 1.6fr)" },
      { label: columns.sent, width: "90px", end: true },
      { label: columns.failed, width: "80px", end: true },
      { label: columns.created, width: "120px", end: true },
    ];
  });

  constructor() {
    effect(() => {
      this.status();
      this.#typed();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => void this.list.refresh());
  }

  protected clear(): void {
    this.status.set(null);
    this.name.set("");
  }

  protected about({ rejected, progress, accepted, status, scheduled_at }: CampaignItem): string {
    const parts = [this.t().recipients(this.format.number(progress?.total ?? accepted))];
    if (rejected > 0) parts.push(this.t().rejected(this.format.number(rejected)));
    if (status === "scheduled") parts.push(this.t().begins(this.format.dateTime(scheduled_at)));
    return parts.join(" · ");
  }
}
