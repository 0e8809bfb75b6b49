import { busChannel, type BusEvent } from "@pregonero/contracts";
import type { Device } from "@pregonero/client";
import { EventBus } from "@pregonero/queue";
import type { LocalEnv } from "../env.ts";
import { showQr } from "../stack/show-qr.ts";
import type { Stack, Stage } from "../stack/open-stack.ts";

/** Shows the QRs of devices that are being linked, each as it comes, and whose they became. Not of `known` ones. */
export function showLinking(
  { admin, redisUrl }: Stack,
  known: readonly Device[],
  { terminal, closer, env }: Stage & { readonly env: LocalEnv },
): void {
  const linked = new Set(known.filter((device) => device.state === "connected").map(({ id }) => id));
  const codes = new Map<number, string>();
  const bus = new EventBus({ url: redisUrl, prefix: env.redisPrefix, name: "pregonero-local" });
  closer.add("event bus", () => bus.close());
  bus.subscribe(busChannel.tenant(admin.tenantId), (event: BusEvent) => {
    if (event.type !== "device") return;
    const { id, state, qr, phone } = event.device;
    if (state === "qr" && qr !== null && codes.get(id) !== qr) {
      linked.delete(id);
      codes.set(id, qr);
      showQr(terminal, `device ${id}, to be scanned with the phone`, qr);
    } else if (state === "connected" && !linked.has(id)) {
      linked.add(id);
      terminal.say(`${terminal.paint("green", "✓")} device ${id} is connected as +${phone ?? "?"}`);
    }
  });
}
