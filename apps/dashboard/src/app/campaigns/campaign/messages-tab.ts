import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import { mdiMagnify } from "@mdi/js";
import type { JobDevice, MessageRow, MessageState } from "@pregonero/client";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { every } from "../../live/live.ts";
import { KeysetList } from "../../table/keyset-list.ts";
import { RowTemplate } from "../../table/row-template.ts";
import { Table, type Column } from "../../table/table.ts";
import { EmptyState } from "../../ui/empty-state.ts";
import { errorText, errorTexts } from "../../ui/errors.i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { stateTexts } from "../../ui/states.i18n.ts";
import { Status } from "../../ui/status-chip.ts";
import { uiTexts } from "../../ui/ui.i18n.ts";
import { campaignTexts } from "./campaign.i18n.ts";
import { MessageDialog, type MessageRef } from "./message-dialog.ts";

const refreshMs = 2_000;
const states: readonly MessageState[] = [
  "queued",
  "sending",
  "retrying",
  "unknown",
  "sent",
  "delivered",
  "read",
  "failed",
  "skipped",
  "cancelled",
];

/** All messages of a job. While it runs, those that are seen are asked for again and again. */
@Component({
  selector: "app-messages-tab",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatFormFieldModule,
    MatInputModule,
    MatSelectModule,
    RowTemplate,
    Status,
    Table,
  ],
  templateUrl: "./messages-tab.html",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MessagesTab {
  readonly jobId = input.required<string>();
  readonly devices = input.required<readonly JobDevice[]>();
  readonly moving = input.required<boolean>();
  readonly #api = inject(API);
  readonly #dialog = inject(MatDialog);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(campaignTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly stateNames = useTexts(stateTexts);
  readonly #errors = useTexts(errorTexts);
  protected readonly table = viewChild<Table<MessageRow>>(Table);
  protected readonly states = states;
  protected readonly icons = { search: mdiMagnify };

  protected readonly state = signal<MessageState | null>(null);
  protected readonly deviceId = signal<number | null>(null);
  protected readonly phone = signal("");
  protected readonly filtered = computed(
    () => this.state() !== null || this.deviceId() !== null || this.phone() !== "",
  );

  protected readonly list = new KeysetList<MessageRow>({
    key: ({ id }) => id,
    load: (cursor, signal) => {
      const [state, deviceId, phone] = [this.state(), this.deviceId(), this.phone()];
      const query = {
        limit: 200,
        ...(state === null ? {} : { state }),
        ...(deviceId === null ? {} : { device_id: deviceId }),
        ...(phone === "" ? {} : { phone }),
        ...(cursor === undefined ? {} : { cursor }),
      };
      return this.#api.jobs.messages(this.jobId(), query, { signal });
    },
  });

  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t().messages;
    return [
      { label: columns.seq, width: "64px", end: true },
      { label: columns.phone, width: "minmax(130px, 1fr)" },
      { label: columns.state, width: "130px" },
      { label: columns.attempts, width: "76px", end: true },
      { label: columns.device, width: "minmax(100px, 1fr)" },
      { label: columns.reason, width: "minmax(140px, 1.6fr)" },
      { label: columns.when, width: "100px", end: true },
    ];
  });

  constructor() {
    effect(() => {
      this.jobId();
      this.state();
      this.deviceId();
      this.phone();
      untracked(() => void this.list.restart());
    });
    every(refreshMs, () => {
      const seen = this.table()?.seen();
      if (this.moving() && seen) void this.list.refresh(seen.first, seen.last);
    });
  }

  protected deviceName(id: number | null): string {
    return this.devices().find(({ device_id }) => device_id === id)?.name ?? (id === null ? "–" : String(id));
  }

  protected reason({ error_code: code, due_at: due }: MessageRow): string {
    if (code === null) return "";
    const text = errorText(this.#errors().codes, code);
    return due === null ? text : `${text} · ${this.t().messages.due(this.format.ago(due))}`;
  }

  protected when(row: MessageRow): string {
    return this.format.clock(
      row.read_at ?? row.delivered_at ?? row.sent_at ?? row.finished_at ?? row.claimed_at,
    );
  }

  protected clear(): void {
    this.state.set(null);
    this.deviceId.set(null);
    this.phone.set("");
  }

  protected open({ id, seq }: MessageRow): void {
    const data: MessageRef = { jobId: this.jobId(), messageId: id, seq };
    this.#dialog.open(MessageDialog, { data, width: "640px", maxWidth: "96vw" });
  }
}
