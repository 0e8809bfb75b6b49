import { OutboundRefused, type OutboundGuard } from "@pregonero/outbound";
import { ApiProblem } from "../http/problem.ts";

/** What can be told now: its name may lead elsewhere tomorrow, so each delivery looks again. @throws ApiProblem */
export async function checkEndpointUrl(guard: OutboundGuard, url: string): Promise<void> {
  try {
    guard.checkUrl(url);
    await guard.resolve(new URL(url).hostname);
  } catch (error) {
    // A name that cannot be looked up at the moment is no mistake yet; the log of deliveries will tell.
    if (!(error instanceof OutboundRefused)) return;
    throw new ApiProblem("validation_failed", error.message, {
      errors: [{ path: "url", message: error.message }],
    });
  }
}
