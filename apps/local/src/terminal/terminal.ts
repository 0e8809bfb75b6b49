export interface TerminalOptions {
  readonly stream: NodeJS.WriteStream;
  /** Whether colours are welcome on a terminal. */
  readonly colour: boolean;
}

type Colour = "green" | "red" | "dim" | "bold" | "onBlack";

const codes: Readonly<Record<Colour, string>> = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  onBlack: "97;40",
};
const clearLine = "\r\u001b[2K";

/** Lines for a person, below them at most one line that changes. In a pipe or a log there is no changing line. */
export class Terminal {
  readonly #stream: NodeJS.WriteStream;
  readonly #colour: boolean;
  #live: string | null = null;

  constructor({ stream, colour }: TerminalOptions) {
    this.#stream = stream;
    this.#colour = colour && stream.isTTY === true;
    // A window that was closed, or a pipe that nobody reads: what runs must still be ended in order.
    stream.on("error", () => undefined);
  }

  get isTty(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number {
    // 0 where the terminal does not say.
    return this.#stream.columns || 100;
  }

  say(text = ""): void {
    const live = this.#live;
    if (live !== null) this.#stream.write(clearLine);
    this.#stream.write(`${text}\n`);
    if (live !== null) this.#stream.write(live);
  }

  /** Sets the changing line. Nothing happens where there is none. */
  live(text: string): void {
    if (!this.isTty) return;
    this.#live = text.length > this.columns ? text.slice(0, this.columns) : text;
    this.#stream.write(`${clearLine}${this.#live}`);
  }

  /** Takes the changing line away. */
  endLive(): void {
    if (this.#live !== null) this.#stream.write(clearLine);
    this.#live = null;
  }

  paint(colour: Colour, text: string): string {
    return this.#colour ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  }
}
