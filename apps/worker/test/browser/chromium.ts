import { inject } from "vitest";

export function chromiumPath(): string {
  return inject("chromiumPath");
}
