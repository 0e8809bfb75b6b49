import type { DeviceCredentials } from "@pregonero/contracts";
import {
  acquireDevices,
  claimMessages,
  confirmClaims,
  holdBack,
  putAside,
  readFleetShare,
  readOpenClaims,
  releaseLease,
  renewLeases,
  uncountClaims,
  type Database,
  type DeviceKind,
  type LeasedDevice,
} from "@pregonero/db";
import { createOutboundGuard } from "@pregonero/outbound";
import type { EventBus, TurnQueues } from "@pregonero/queue";
import type { Logger } from "@pregonero/runtime";
import type { BrowserFleet } from "./browser/browser-fleet.ts";
import { channelFor, type ChannelDependencies } from "./channels/channel-for.ts";
import { deviceChatOf, openFileOf, type ChatParts } from "./compose-chat.ts";
import type { Outcomes } from "./compose-outcomes.ts";
import { DeviceBooks } from "./devices/device-books.ts";
import { DeviceManager } from "./devices/device-manager.ts";
import { DeviceRuntime } from "./devices/device-runtime.ts";
import type { Devices } from "./devices/devices.ts";
import type { Lease } from "./devices/lease.ts";
import { defaultPacing, DevicePace } from "./dispatch/pace.ts";
import { openTimeZones } from "./dispatch/time-zones.ts";
import type { WorkerEnv } from "./env.ts";

export interface DeviceParts {
  readonly env: WorkerEnv;
  readonly workerId: string;
  readonly db: Database;
  readonly bus: EventBus;
  readonly turns: TurnQueues;
  readonly outcomes: Outcomes;
  readonly fleet: BrowserFleet;
  readonly chat: ChatParts;
  readonly readCredentials: (deviceId: number) => Promise<DeviceCredentials | null>;
  readonly log: Logger;
}

/**
 * The devices of this worker, shared out in two groups: those that need a browser, of which a worker has few, and those
 * that only make HTTP calls, of which it holds many.
 */
export function composeDevices(parts: DeviceParts): Devices {
  const { env } = parts;
  const openRuntime = runtimes(parts);
  const managers = [
    manager(parts, openRuntime, ["whatsapp_web"], env.MAX_BROWSER_CONTEXTS),
    manager(parts, openRuntime, ["whatsapp_cloud", "wablas"], env.MAX_HTTP_DEVICES),
  ];
  return {
    start: () => managers.forEach((one) => one.start()),
    stop: async () => {
      await Promise.all(managers.map((one) => one.stop()));
    },
    get runtimes() {
      return managers.flatMap((one) => one.runtimes);
    },
    get: (deviceId) => managers.map((one) => one.get(deviceId)).find((runtime) => runtime !== undefined),
  };
}

type OpenRuntime = (device: LeasedDevice, lease: Lease) => DeviceRuntime;

function manager(
  parts: DeviceParts,
  openRuntime: OpenRuntime,
  kinds: readonly DeviceKind[],
  capacity: number,
): DeviceManager {
  const { db, env, workerId, log } = parts;
  return new DeviceManager({
    workerId,
    leases: {
      acquire: (limit, leaseMs) => acquireDevices(db, { workerId, kinds, limit, leaseMs }),
      renew: (leases, leaseMs) => renewLeases(db, { workerId, leases, leaseMs }),
      release: (lease) => releaseLease(db, { workerId, ...lease }),
      share: () => readFleetShare(db, kinds, env.LEASE_MS),
    },
    openRuntime,
    capacity,
    leaseMs: env.LEASE_MS,
    log,
  });
}

function runtimes(parts: DeviceParts): OpenRuntime {
  const { db, bus, env, outcomes, turns } = parts;
  const timeZones = openTimeZones();
  const channels: ChannelDependencies = {
    fleet: parts.fleet,
    whatsAppWebUrl: env.PUPPETEER_WHATSAPP_URL,
    cloudApiUrl: env.CLOUD_API_URL,
    cloudApiVersion: env.CLOUD_API_VERSION,
    maxInFlight: env.BATCH_SIZE * env.MAX_CONCURRENT_BATCHES,
    wablasGroupSize: env.WABLAS_GROUP_SIZE,
    wablasGroupWaitMs: env.WABLAS_GROUP_WAIT_MS,
    sendTimeoutMs: env.SEND_TIMEOUT_MS,
    outbound: createOutboundGuard({ allow: env.OUTBOUND_ALLOW, ports: env.OUTBOUND_PORTS }),
    openFile: openFileOf(parts.chat),
    maxMediaBytes: env.MAX_MEDIA_SIZE_MB * 1_048_576,
    readCredentials: parts.readCredentials,
    log: parts.log,
  };
  return (device, lease) => {
    const log = parts.log.child({ device: device.id });
    return new DeviceRuntime({
      device,
      lease,
      openChannel: channelFor(device, channels),
      books: new DeviceBooks({ db, bus, device, log }),
      store: {
        claim: (request) => claimMessages(db, request),
        confirm: (ids) => confirmClaims(db, ids),
        uncount: (given) => uncountClaims(db, given),
        readOpenClaims: (deviceId) => readOpenClaims(db, deviceId),
      },
      writer: outcomes.writer,
      pace: new DevicePace({
        stored: device.pacing,
        fallback: defaultPacing(device.kind, device.url ?? addressOf(device.kind, env)),
        linkedAt: device.linkedAt,
        dueInMs: device.dueInMs,
        timeZones,
      }),
      turns,
      holdBack: (forMs) => holdBack(db, { deviceId: device.id, epoch: lease.epoch }, forMs),
      putAside: (forMs, reason) => putAside(db, { deviceId: device.id, epoch: lease.epoch }, forMs, reason),
      refused: outcomes.refused,
      chat: deviceChatOf(parts.chat, device, log),
      log,
      turnMs: env.TURN_MS,
      settleMs: env.SETTLE_MS,
      ackTimeoutMs: env.ACK_TIMEOUT_MS,
      recycle: {
        afterSends: env.RECYCLE_AFTER_SENDS,
        afterMs: env.RECYCLE_AFTER_HOURS * 3_600_000,
        aboveMb: env.RECYCLE_ABOVE_MB,
      },
      drainMs: env.SHUTDOWN_MS / 2,
    });
  };
}

function addressOf(kind: DeviceKind, env: WorkerEnv): string {
  return kind === "whatsapp_cloud" ? env.CLOUD_API_URL : env.PUPPETEER_WHATSAPP_URL;
}
