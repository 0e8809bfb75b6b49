import type { DeviceRuntime } from "./device-runtime.ts";

/** All devices that a worker holds, whatever their kind. */
export interface Devices {
  start(): void;
  /** Stops every device gracefully and gives the leases back. */
  stop(): Promise<void>;
  readonly runtimes: readonly DeviceRuntime[];
  get(deviceId: number): DeviceRuntime | undefined;
}
