import type { Device, PregoneroClient } from "@pregonero/client";
import { PregoneroError } from "@pregonero/client";
import { sleep } from "@pregonero/runtime";
import { CommandFailed } from "../failure.ts";
import type { SandboxControl } from "./sandbox-control.ts";

/** A device of the stand-in, and the phone that it is linked to. */
export interface SandboxDevice {
  readonly name: string;
  /** E.164 digits. */
  readonly phone: string;
}

/** Numbers that are assigned to nobody: should they ever meet the real WhatsApp, nobody is disturbed. */
export const sandboxFleet: readonly SandboxDevice[] = [
  { name: "sandbox-1", phone: "34555700001" },
  { name: "sandbox-2", phone: "34555700002" },
];

export interface Linking {
  readonly client: PregoneroClient;
  readonly sandbox: SandboxControl;
  readonly fleet: readonly SandboxDevice[];
  readonly signal: AbortSignal;
  /** Told the first QR of each device before it is scanned. */
  readonly showQr: (deviceName: string, code: string) => void;
}

const pollMs = 200;
const linkTimeoutMs = 60_000;

/** The devices, created when they are missing. */
async function ensureDevices({ client, sandbox, fleet }: Linking): Promise<Device[]> {
  const known = new Map<string, Device>();
  for await (const device of client.devices.all()) known.set(device.name, device);
  const devices: Device[] = [];
  for (const { name } of fleet) {
    const found = known.get(name);
    // By their own address: a worker that is told another one later must not open them there.
    const url = sandbox.url;
    if (!found) devices.push(await client.devices.create({ name, url }));
    else devices.push(found.url === url ? found : await client.devices.update(found.id, { url }));
  }
  return devices;
}

/**
 * Brings every device of the fleet to `connected`: those that are linked come back by themselves, the others show a QR,
 * which the stand-in scans.
 * @throws Error naming the devices that did not get there in time
 */
export async function linkDevices(linking: Linking): Promise<Device[]> {
  const { client, signal } = linking;
  const devices = await ensureDevices(linking);
  for (const device of devices) {
    if (!device.linked) await client.devices.link(device.id, { method: "qr" });
  }
  const shown = new Set<number>();
  const connected = new Map<number, Device>();
  const untilMs = performance.now() + linkTimeoutMs;
  while (connected.size < devices.length) {
    if (performance.now() > untilMs) {
      const names = devices.filter(({ id }) => !connected.has(id)).map(({ name }) => name);
      throw new CommandFailed(`Not connected within ${linkTimeoutMs / 1_000} s: ${names.join(", ")}.`);
    }
    for (const { id } of devices.filter((device) => !connected.has(device.id))) {
      const device = await client.devices.get(id, { signal });
      if (device.state === "connected") connected.set(id, device);
      else if (device.state === "qr") await scan(linking, device, shown);
    }
    await sleep(pollMs, signal);
    signal.throwIfAborted();
  }
  return devices.map((device) => connected.get(device.id) ?? device);
}

async function scan(
  { client, sandbox, fleet, showQr }: Linking,
  device: Device,
  shown: Set<number>,
): Promise<void> {
  const code = await client.devices.qr(device.id).then(
    (qr) => qr.code,
    (error: unknown) => {
      // It rotated away between the two questions.
      if (error instanceof PregoneroError && (error.status === 404 || error.status === 409)) return null;
      throw error;
    },
  );
  if (code === null) return;
  if (!shown.has(device.id)) {
    shown.add(device.id);
    showQr(device.name, code);
  }
  const phone = fleet.find(({ name }) => name === device.name)?.phone;
  if (phone !== undefined) await sandbox.scan(code, phone);
}
