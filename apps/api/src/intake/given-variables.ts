import type { variablesSchema } from "@pregonero/contracts";
import type { z } from "zod";

/** Values of a request as text: numbers and yes/no as JSON writes them, null as nothing. */
export function givenVariables(variables: z.output<typeof variablesSchema>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );
}
