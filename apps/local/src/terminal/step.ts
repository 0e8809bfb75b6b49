import { seconds } from "./seconds.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Shows that something is being done, and how long it took. What fails is told by the name of the step; the error itself
 * is for whoever asked.
 */
export async function step<T>(terminal: Terminal, title: string, work: () => Promise<T>): Promise<T> {
  const beganMs = performance.now();
  terminal.live(`… ${title}`);
  try {
    const result = await work();
    terminal.endLive();
    const took = terminal.paint("dim", seconds(performance.now() - beganMs));
    terminal.say(`${terminal.paint("green", "✓")} ${title}  ${took}`);
    return result;
  } catch (error) {
    terminal.endLive();
    // Given up because the user wants to stop: nothing has gone wrong.
    const stopped = error instanceof Error && error.name === "AbortError";
    terminal.say(stopped ? `– ${title}` : `${terminal.paint("red", "✗")} ${title}`);
    throw error;
  }
}
