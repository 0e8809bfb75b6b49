import type { JobFigures } from "@pregonero/contracts";
import { RateMeter } from "./rate-meter.ts";
import { seconds } from "./seconds.ts";
import type { Terminal } from "./terminal.ts";

const barWidth = 28;

/** One line: bar, percentage, count, rate, what is left, sent and failed. */
export function progressLine(figures: JobFigures, perSecond: number): string {
  const { sent, failed, total, percentage } = figures;
  const full = Math.round((Math.min(percentage, 100) / 100) * barWidth);
  const left = Math.max(0, total - sent - failed);
  // Nothing moves: any time told would be invented.
  const eta = left === 0 ? "done" : perSecond > 0 ? `ETA ${seconds((left / perSecond) * 1_000)}` : "ETA –";
  const parts = [
    `${"█".repeat(full)}${"░".repeat(barWidth - full)}`,
    `${percentage.toFixed(1).padStart(5)} %`,
    `${String(sent + failed).padStart(String(total).length)}/${total}`,
    `${perSecond.toFixed(1)}/s`,
    eta,
    `sent ${sent}`,
    `failed ${failed}`,
  ];
  return parts.join("  ");
}

const redrawMs = 100;
const logEveryMs = 1_000;

/** Shows how a job goes: one line that changes on a terminal, a line a second elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #meter = new RateMeter();
  readonly #timer: NodeJS.Timeout;
  #figures: JobFigures | undefined;
  #shown = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.#draw(), terminal.isTty ? redrawMs : logEveryMs);
  }

  update(figures: JobFigures): void {
    this.#figures = figures;
  }

  /** Leaves the last line standing. */
  close(): void {
    clearInterval(this.#timer);
    this.#terminal.endLive();
    if (this.#figures === undefined) return;
    const line = this.#line(this.#figures);
    if (this.#terminal.isTty || line !== this.#shown) this.#terminal.say(line);
  }

  #draw(): void {
    if (this.#figures === undefined) return;
    const line = this.#line(this.#figures);
    if (this.#terminal.isTty) this.#terminal.live(line);
    else if (line !== this.#shown) this.#terminal.say(line);
    this.#shown = line;
  }

  #line(figures: JobFigures): string {
    this.#meter.note(figures.sent + figures.failed, performance.now());
    return `  ${progressLine(figures, this.#meter.perSecond)}`;
  }
}
