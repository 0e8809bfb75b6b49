import {
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  viewChild,
  type ElementRef,
} from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import { variableKey } from "@pregonero/domain";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Draft } from "./draft.ts";
import { wizardTexts } from "./wizard.i18n.ts";

/** What is said: a stored template or a text of its own, and where its values come from. */
@Component({
  selector: "app-message-step",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, MatSelectModule, ProblemBanner],
  templateUrl: "./message-step.html",
  styleUrl: "./message-step.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class MessageStep {
  protected readonly draft = inject(Draft);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(wizardTexts);
  protected readonly text = viewChild<ElementRef<HTMLTextAreaElement>>("text");

  protected readonly columns = computed(() => this.draft.seen()?.columns ?? []);
  protected readonly error = computed(() => {
    const parsed = this.draft.parsed();
    return "error" in parsed ? parsed.error : null;
  });
  protected readonly sources = computed(() => {
    const byKey = new Map(this.columns().map((name) => [variableKey(name), name]));
    const mapping = this.draft.mapping();
    return this.draft.variables().map(({ name, key, fallback }) => ({
      name,
      key,
      fallback,
      own: byKey.get(key) ?? null,
      chosen: mapping[key] ?? null,
      lacking: fallback === null && !byKey.has(variableKey(mapping[key] ?? key)),
    }));
  });

  /** Puts a hole where the cursor is. */
  protected insert(column: string): void {
    const area = this.text()?.nativeElement;
    const hole = `{{${column}}}`;
    const [from, to] = [area?.selectionStart ?? Infinity, area?.selectionEnd ?? Infinity];
    this.draft.ownText.update((text) => text.slice(0, from) + hole + text.slice(to));
    setTimeout(() => {
      area?.focus();
      area?.setSelectionRange(from + hole.length, from + hole.length);
    });
  }

  protected map(key: string, column: string | null): void {
    this.draft.mapping.update((mapping) => {
      const { [key]: _old, ...rest } = mapping;
      return column === null ? rest : { ...rest, [key]: column };
    });
  }
}
