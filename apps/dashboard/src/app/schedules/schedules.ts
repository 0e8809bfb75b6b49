import { ChangeDetectionStrategy, Component, computed, inject, viewChild } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatDialog } from "@angular/material/dialog";
import { MatMenuModule } from "@angular/material/menu";
import { MatSlideToggleModule, type MatSlideToggleChange } from "@angular/material/slide-toggle";
import { mdiCalendarClock, mdiDotsVertical, mdiPlus } from "@mdi/js";
import type { Schedule } from "@pregonero/client";
import { firstValueFrom } from "rxjs";
import { API } from "../api/api.ts";
import { Format } from "../i18n/format.ts";
import { useTexts } from "../i18n/i18n.ts";
import { every } from "../live/live.ts";
import { Session } from "../session/session.ts";
import { KeysetList } from "../table/keyset-list.ts";
import { RowTemplate } from "../table/row-template.ts";
import { Table, type Column } from "../table/table.ts";
import { Confirm } from "../ui/confirm.ts";
import { EmptyState } from "../ui/empty-state.ts";
import { Icon } from "../ui/icon.ts";
import { PageHeader } from "../ui/page-header.ts";
import { Toast } from "../ui/toast.ts";
import { presetOf } from "./cron-presets.ts";
import { ScheduleDialog } from "./schedule-dialog.ts";
import { ScheduleHistory } from "./schedule-history.ts";
import { schedulesTexts } from "./schedules.i18n.ts";

const refreshMs = 5_000;

@Component({
  selector: "app-schedules",
  imports: [
    EmptyState,
    Icon,
    MatButtonModule,
    MatMenuModule,
    MatSlideToggleModule,
    PageHeader,
    RowTemplate,
    Table,
  ],
  templateUrl: "./schedules.html",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SchedulesPage {
  readonly #api = inject(API).schedules;
  readonly #dialog = inject(MatDialog);
  readonly #confirm = inject(Confirm);
  readonly #toast = inject(Toast);
  protected readonly table = viewChild<Table<Schedule>>(Table);
  protected readonly session = inject(Session);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(schedulesTexts);
  protected readonly icons = { plus: mdiPlus, clock: mdiCalendarClock, more: mdiDotsVertical };
  protected readonly list = new KeysetList<Schedule>({
    key: ({ id }) => id,
    load: (cursor, signal) =>
      this.#api.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  });
  protected readonly columns = computed((): readonly Column[] => {
    const { columns } = this.t();
    return [
      { label: columns.name, width: "minmax(160px, 1.4fr)" },
      { label: columns.timing, width: "minmax(180px, 1.6fr)" },
      { label: columns.next, width: "150px" },
      { label: columns.last, width: "150px" },
      { label: columns.state, width: "120px", end: true },
    ];
  });

  constructor() {
    void this.list.restart();
    every(refreshMs, () => {
      const { first, last } = this.table()?.seen() ?? { first: 0, last: 0 };
      void this.list.refresh(first, last);
    });
  }

  protected timing({ timing }: Schedule): string {
    if (timing.kind === "once") return this.t().once(this.format.dateTime(timing.run_at));
    const preset = presetOf(timing.expression);
    const words = preset === "own" ? timing.expression : this.t().preset[preset];
    return this.t().every(words, timing.time_zone);
  }

  protected last({ last_run: run }: Schedule): string {
    if (run === null) return this.t().never;
    return `${this.t().history.statuses[run.status]} ${this.format.ago(run.at)}`;
  }

  protected async edit(schedule: Schedule | null): Promise<void> {
    const options = { data: schedule, width: "640px", maxWidth: "96vw" };
    const dialog = this.#dialog.open<ScheduleDialog, Schedule | null, Schedule>(ScheduleDialog, options);
    const saved = await firstValueFrom(dialog.afterClosed());
    if (!saved) return;
    this.#toast.say(this.t().saved);
    if (schedule === null) await this.list.restart();
    else this.list.replace(saved.id, saved);
  }

  protected async turn({ id }: Schedule, { checked, source }: MatSlideToggleChange): Promise<void> {
    try {
      this.list.replace(id, await this.#api.patch(id, { enabled: checked }));
    } catch (error) {
      source.checked = !checked;
      this.#toast.problem(error);
    }
  }

  protected async run({ id, name }: Schedule): Promise<void> {
    const { runTitle, runText: text, actions, started, notStarted } = this.t();
    if (!(await this.#confirm.ask({ title: runTitle(name), text, action: actions.run }))) return;
    try {
      const run = await this.#api.run(id);
      this.#toast.say(run.status === "started" ? started : notStarted(run.reason ?? ""));
      await this.list.refresh();
    } catch (error) {
      this.#toast.problem(error);
    }
  }

  protected history(schedule: Schedule): void {
    this.#dialog.open(ScheduleHistory, { data: schedule, width: "760px", maxWidth: "96vw" });
  }

  protected async remove({ id, name }: Schedule): Promise<void> {
    const { deleteTitle, deleteText: text, actions, deleted } = this.t();
    const question = { title: deleteTitle(name), text, action: actions.delete, dangerous: true };
    if (!(await this.#confirm.ask(question))) return;
    try {
      await this.#api.remove(id);
      this.list.replace(id, null);
      this.#toast.say(deleted);
    } catch (error) {
      this.#toast.problem(error);
    }
  }
}
