import type { PregoneroClient } from "@pregonero/client";
import { sandboxFleet } from "../stack/link-devices.ts";

/**
 * Unlinks the stand-in's devices while WhatsApp itself is meant: a campaign that names no devices is shared out over all
 * that are linked, and theirs would wait for a stand-in that does not run. The next start with the sandbox links them.
 */
export async function putSandboxDevicesAway(client: PregoneroClient): Promise<void> {
  const names = new Set(sandboxFleet.map(({ name }) => name));
  for await (const device of client.devices.all()) {
    if (names.has(device.name) && device.linked) await client.devices.unlink(device.id);
  }
}
