import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal } from "@angular/core";
import type { Report } from "@pregonero/client";
import { API } from "../api/api.ts";
import { useTexts } from "../i18n/i18n.ts";
import { sitesTexts } from "./sites.i18n.ts";

/** What the page looked like. An image of the browser's own would come without the key, so it is fetched. */
@Component({
  selector: "app-report-picture",
  template: `
    @if (url(); as address) {
      <a [href]="address" target="_blank" rel="noopener">
        <img [src]="address" [alt]="t().report.screenshot(report().domain)" />
      </a>
    } @else if (report().screenshot_url === null || failed()) {
      <p class="soft">{{ t().report.noScreenshot }}</p>
    }
  `,
  styles: `
    :host {
      display: block;
      max-height: 640px;
      overflow-y: auto;
      border-radius: var(--radius-small);
      background: var(--surface-sunken);
    }
    img {
      display: block;
      width: 100%;
    }
    p {
      padding: 24px;
      text-align: center;
    }
  `,
  host: { tabindex: "0" },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ReportPicture {
  readonly report = input.required<Report>();
  readonly #api = inject(API).reports;
  protected readonly t = useTexts(sitesTexts);
  protected readonly url = signal<string | null>(null);
  protected readonly failed = signal(false);

  constructor() {
    effect(() => {
      const { id, screenshot_url: there } = this.report();
      if (there !== null) void this.#fetch(id);
    });
    inject(DestroyRef).onDestroy(() => this.#forget());
  }

  async #fetch(id: string): Promise<void> {
    this.failed.set(false);
    try {
      const picture = await this.#api.screenshot(id);
      if (this.report().id !== id) return;
      this.#forget();
      this.url.set(URL.createObjectURL(picture));
    } catch {
      this.failed.set(true);
    }
  }

  #forget(): void {
    const url = this.url();
    if (url !== null) URL.revokeObjectURL(url);
  }
}
