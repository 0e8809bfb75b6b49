import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { MatSelectModule } from "@angular/material/select";
import { mdiFileDelimitedOutline, mdiTrayArrowUp } from "@mdi/js";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Session } from "../../session/session.ts";
import { Icon } from "../../ui/icon.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Draft } from "./draft.ts";
import { rejectionTexts, wizardTexts } from "./wizard.i18n.ts";

const errorsShown = 200;
const example = "nombre,telefono,ciudad\nAna,+34600000001,Madrid\nLuis,+57 300 000 0002,Bogotá\n";

/** Who is written to: a CSV, what its columns are, and which rows will not do. */
@Component({
  selector: "app-audience-step",
  imports: [
    Icon,
    MatButtonModule,
    MatFormFieldModule,
    MatInputModule,
    MatProgressBarModule,
    MatSelectModule,
    ProblemBanner,
  ],
  templateUrl: "./audience-step.html",
  styleUrl: "./audience-step.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AudienceStep {
  protected readonly draft = inject(Draft);
  protected readonly format = inject(Format);
  readonly #session = inject(Session);
  protected readonly t = useTexts(wizardTexts);
  protected readonly reasons = useTexts(rejectionTexts);
  protected readonly over = signal(false);
  protected readonly icons = { upload: mdiTrayArrowUp, file: mdiFileDelimitedOutline };
  protected readonly exampleUrl = `data:text/csv;charset=utf-8,${encodeURIComponent(example)}`;

  protected readonly limits = computed(() => this.#session.me()?.limits);
  protected readonly errors = computed(() => this.draft.seen()?.rejected_rows.slice(0, errorsShown) ?? []);
  protected readonly phoneColumn = computed(() => {
    const seen = this.draft.seen();
    return seen === null || seen.phone_column === null ? null : (seen.columns[seen.phone_column] ?? null);
  });

  protected take(files: FileList | null): void {
    const file = files?.item(0);
    if (!file) return;
    this.draft.file.set(file);
    this.draft.mapping.set({});
    this.draft.sample.set(0);
    if (this.draft.name() === "")
      this.draft.name.set(file.name.replace(/\.[^.]+$/, "").replaceAll(/[_-]+/g, " "));
  }

  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.over.set(false);
    this.take(event.dataTransfer?.files ?? null);
  }

  protected drag(event: DragEvent, over: boolean): void {
    event.preventDefault();
    this.over.set(over);
  }

  protected phoneIs(column: string): void {
    this.draft.mapping.update((mapping) => ({ ...mapping, phone: column }));
  }
}
