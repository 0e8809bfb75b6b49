import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { MatButtonModule } from "@angular/material/button";
import { MatProgressBarModule } from "@angular/material/progress-bar";
import { Router } from "@angular/router";
import { mdiCheck } from "@mdi/js";
import { API } from "../../api/api.ts";
import { useTexts } from "../../i18n/i18n.ts";
import { Icon } from "../../ui/icon.ts";
import { PageHeader } from "../../ui/page-header.ts";
import { AudienceStep } from "./audience-step.ts";
import { Draft } from "./draft.ts";
import { MessagePreview } from "./message-preview.ts";
import { MessageStep } from "./message-step.ts";
import { ReviewStep } from "./review-step.ts";
import { SendingStep } from "./sending-step.ts";
import { wizardTexts } from "./wizard.i18n.ts";

const steps = ["audience", "message", "sending", "review"] as const;

@Component({
  selector: "app-campaign-wizard",
  imports: [
    AudienceStep,
    Icon,
    MatButtonModule,
    MatProgressBarModule,
    MessagePreview,
    MessageStep,
    PageHeader,
    ReviewStep,
    SendingStep,
  ],
  providers: [Draft],
  templateUrl: "./wizard.html",
  styleUrl: "./wizard.scss",
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CampaignWizard {
  readonly #api = inject(API);
  readonly #router = inject(Router);
  protected readonly draft = inject(Draft);
  protected readonly t = useTexts(wizardTexts);
  protected readonly steps = steps;
  protected readonly step = signal(0);
  protected readonly launching = signal(false);
  protected readonly problem = signal<unknown>(null);
  protected readonly icons = { done: mdiCheck };
  /** The same for each attempt to launch this draft: pressing twice creates one campaign. */
  readonly #idempotencyKey = crypto.randomUUID();

  protected readonly ready = computed(() => [
    this.draft.audienceReady(),
    this.draft.messageReady(),
    this.draft.sendingReady(),
    this.draft.name().trim() !== "",
  ]);
  /** A step can be gone to when all before it are done. */
  protected readonly reachable = computed(() => {
    const first = this.ready().indexOf(false);
    return first === -1 ? steps.length - 1 : first;
  });
  protected readonly launchLabel = computed(() => {
    const { launch, schedule, keep } = this.t().review;
    return { now: launch, later: schedule, paused: keep }[this.draft.start()];
  });

  protected go(step: number): void {
    if (step <= this.reachable()) this.step.set(step);
  }

  protected async launch(): Promise<void> {
    const file = this.draft.file();
    if (file === null) return;
    this.launching.set(true);
    this.problem.set(null);
    try {
      const options = { idempotencyKey: this.#idempotencyKey };
      const { campaign } = await this.#api.campaigns.createFromFile(this.draft.form(), file, options);
      await this.#router.navigate(["/campaigns", campaign.id]);
    } catch (error) {
      this.problem.set(error);
    } finally {
      this.launching.set(false);
    }
  }
}
