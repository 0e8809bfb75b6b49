import { OutboundRefused, type OutboundGuard } from "@pregonero/outbound";
import { ApiProblem } from "./problem.ts";

/**
 * Refuses an address in a request that leads into our own network. A name that does not resolve now may do so later, and
 * is asked again when it is called.
 *
 * @param path where the address stands in the request
 * @throws ApiProblem `validation_failed`
 */
export async function admitAddress(
  guard: Pick<OutboundGuard, "checkUrl" | "resolve">,
  url: string,
  path: string,
): Promise<void> {
  try {
    guard.checkUrl(url);
    await guard.resolve(new URL(url).hostname);
  } catch (error) {
    if (!(error instanceof OutboundRefused)) return;
    throw new ApiProblem("validation_failed", `${path}: ${error.message}`, {
      errors: [{ path, message: error.message }],
    });
  }
}
