import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MAT_DIALOG_DATA, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import type { Template } from "@pregonero/client";
import { parseTemplate, TemplateError, variablesOf } from "@pregonero/domain";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { ProblemBanner } from "../ui/problem-banner.ts";
import { uiTexts } from "../ui/ui.i18n.ts";
import { templatesTexts } from "./templates.i18n.ts";

/** Writes a template, with its preview beside. Opened with null for a new one. */
@Component({
  selector: "app-template-dialog",
  imports: [MatButtonModule, MatDialogModule, MatFormFieldModule, MatInputModule, ProblemBanner],
  templateUrl: "./template-dialog.html",
  styleUrl: "./template-dialog.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TemplateDialog {
  readonly #api = inject(API).templates;
  readonly #dialog = inject<MatDialogRef<TemplateDialog, Template>>(MatDialogRef);
  protected readonly template = inject<Template | null>(MAT_DIALOG_DATA);
  protected readonly t = useTexts(templatesTexts);
  protected readonly ui = useTexts(uiTexts);
  protected readonly name = signal(this.template?.name ?? "");
  protected readonly language = signal(this.template?.language ?? "es");
  protected readonly body = signal(this.template?.body ?? "");
  protected readonly samples = signal<Readonly<Record<string, string>>>({});
  protected readonly busy = signal(false);
  protected readonly problem = signal<unknown>(null);

  readonly #parsed = computed(() => {
    try {
      return parseTemplate(this.body());
    } catch (error) {
      if (error instanceof TemplateError) return error.message;
      throw error;
    }
  });
  protected readonly error = computed(() => {
    const parsed = this.#parsed();
    return typeof parsed === "string" ? parsed : null;
  });
  protected readonly variables = computed(() => {
    const parsed = this.#parsed();
    return typeof parsed === "string" ? [] : variablesOf(parsed);
  });
  protected readonly pieces = computed(() => {
    const parsed = this.#parsed();
    if (typeof parsed === "string") return [{ text: this.body(), hole: false }];
    return parsed.parts.map((part) =>
      part.kind === "text"
        ? { text: part.text, hole: false }
        : { text: this.samples()[part.key] || part.fallback || `{{${part.name}}}`, hole: true },
    );
  });

  protected sample(key: string, value: string): void {
    this.samples.update((samples) => ({ ...samples, [key]: value }));
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    const fields = { name: this.name().trim(), language: this.language().trim(), body: this.body() };
    try {
      const saved =
        this.template === null
          ? await this.#api.create(fields)
          : await this.#api.update(this.template.id, fields);
      this.#dialog.close(saved);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
