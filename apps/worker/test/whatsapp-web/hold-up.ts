/** Runs in the page: keeps its only thread busy. What the worker asks of the page afterwards waits its turn. */
export function holdUp(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}
