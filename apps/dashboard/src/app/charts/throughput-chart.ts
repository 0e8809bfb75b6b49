import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { ThroughputMinute } from "@pregonero/client";
import {
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  Tooltip,
  type ChartConfiguration,
} from "chart.js";
import { BaseChartDirective, provideCharts } from "ng2-charts";
import { Format } from "../i18n/format.ts";
import { ChartPalette } from "./palette.ts";

export interface ThroughputWords {
  readonly sent: string;
  readonly failed: string;
  /** What is said instead of the picture. */
  readonly summary: string;
}

/** Messages by minute over the last hour. */
@Component({
  selector: "app-throughput-chart",
  imports: [BaseChartDirective],
  providers: [
    provideCharts({ registerables: [BarController, BarElement, CategoryScale, LinearScale, Tooltip] }),
  ],
  template: `
    <canvas
      baseChart
      type="bar"
      role="img"
      [attr.aria-label]="words().summary"
      [data]="data()"
      [options]="options()"
    ></canvas>
  `,
  styles: `
    :host {
      display: block;
      position: relative;
      height: 220px;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ThroughputChart {
  readonly minutes = input.required<readonly ThroughputMinute[]>();
  readonly words = input.required<ThroughputWords>();
  readonly #palette = inject(ChartPalette).colours;
  readonly #format = inject(Format);

  protected readonly data = computed((): ChartConfiguration<"bar">["data"] => ({
    labels: this.minutes().map(({ at }) => this.#minute(at)),
    datasets: [
      {
        label: this.words().sent,
        data: this.minutes().map(({ sent }) => sent),
        backgroundColor: this.#palette().brand,
        borderRadius: 3,
        stack: "all",
      },
      {
        label: this.words().failed,
        data: this.minutes().map(({ failed }) => failed),
        backgroundColor: this.#palette().bad,
        borderRadius: 3,
        stack: "all",
      },
    ],
  }));

  protected readonly options = computed((): ChartConfiguration<"bar">["options"] => {
    const palette = this.#palette();
    const ticks = { color: palette["ink-soft"], font: { size: 11 } };
    return {
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          grid: { display: false },
          border: { color: palette.line },
          ticks: { ...ticks, maxTicksLimit: 7, maxRotation: 0 },
        },
        y: {
          beginAtZero: true,
          grid: { color: palette.line },
          border: { display: false },
          ticks: {
            ...ticks,
            precision: 0,
            maxTicksLimit: 5,
            callback: (value) => this.#format.compact(Number(value)),
          },
          suggestedMax: 5,
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: palette["surface-raised"],
          titleColor: palette.ink,
          bodyColor: palette["ink-soft"],
          borderColor: palette.line,
          borderWidth: 1,
          padding: 10,
          boxPadding: 4,
        },
      },
    };
  });

  #minute(iso: string): string {
    return this.#format.clock(iso).replace(/:\d\d(?=\D*$)/, "");
  }
}
