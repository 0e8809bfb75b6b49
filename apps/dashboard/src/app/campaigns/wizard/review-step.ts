import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatFormFieldModule } from "@angular/material/form-field";
import { MatInputModule } from "@angular/material/input";
import { MatSelectModule } from "@angular/material/select";
import { missingVariables, renderTemplate } from "@pregonero/domain";
import { API } from "../../api/api.ts";
import { Format } from "../../i18n/format.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { ProblemBanner } from "../../ui/problem-banner.ts";
import { Toast } from "../../ui/toast.ts";
import { Draft } from "./draft.ts";
import { wizardTexts } from "./wizard.i18n.ts";

/** Everything at a glance, a test on one's own phone, and off it goes. */
@Component({
  selector: "app-review-step",
  imports: [MatButtonModule, MatFormFieldModule, MatInputModule, MatSelectModule, ProblemBanner],
  templateUrl: "./review-step.html",
  styleUrl: "./review-step.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReviewStep {
  readonly problem = input<unknown>(null);
  readonly goto = output<number>();
  readonly #api = inject(API);
  readonly #toast = inject(Toast);
  protected readonly draft = inject(Draft);
  protected readonly format = inject(Format);
  protected readonly t = useTexts(wizardTexts);
  protected readonly testing = signal(false);
  protected readonly testTo = signal("");
  protected readonly testFrom = signal<number | null>(null);
  protected readonly testDevice = computed(() => this.testFrom() ?? this.draft.chosen()[0]?.id ?? null);

  protected readonly from = computed(() => {
    if (this.draft.senders() === "all") return this.t().sending.all;
    if (this.draft.senders() === "pool") return this.draft.pool() ?? "";
    return this.draft
      .chosen()
      .map(({ name }) => name)
      .join(", ");
  });
  protected readonly when = computed(() =>
    this.draft.start() === "later"
      ? this.format.dateTime(new Date(this.draft.startAt()).toISOString())
      : this.t().sending[this.draft.start()],
  );
  protected readonly testable = computed(() => {
    const parsed = this.draft.parsed();
    if ("error" in parsed || this.testDevice() === null) return false;
    return missingVariables(parsed.template, this.draft.values()).length === 0;
  });

  protected async test(): Promise<void> {
    const [deviceId, parsed] = [this.testDevice(), this.draft.parsed()];
    if (deviceId === null || "error" in parsed) return;
    this.testing.set(true);
    try {
      const [to, values, templateId] = [this.testTo(), this.draft.values(), this.draft.templateId()];
      if (templateId === null)
        await this.#api.messages.send({
          device_id: deviceId,
          to,
          message: renderTemplate(parsed.template, values),
        });
      else await this.#api.templates.testSend(templateId, { device_id: deviceId, to, variables: values });
      this.#toast.say(this.t().review.testSent);
    } catch (error) {
      this.#toast.problem(error);
    } finally {
      this.testing.set(false);
    }
  }
}
