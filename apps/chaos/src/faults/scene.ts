import type { DeviceKind } from "@pregonero/db";
import { sleep } from "@pregonero/runtime";
import type { Random } from "../random.ts";
import { until } from "../wait.ts";
import type { Campaign } from "../world/campaigns.ts";
import type { Device } from "../world/devices.ts";
import type { WorkerNode } from "../world/worker-node.ts";
import type { World } from "../world/world.ts";

export interface SceneOptions {
  readonly world: World;
  readonly campaigns: Campaign[];
  /** The kind that this injection is about. */
  readonly kind: DeviceKind;
  readonly random: Random;
  readonly short: boolean;
}

/** One injection's stage: the campaigns that run meanwhile, and questions that all faults ask. */
export class Scene {
  readonly world: World;
  readonly kind: DeviceKind;
  readonly random: Random;
  readonly short: boolean;
  /** A fault may add its own. */
  readonly campaigns: Campaign[];

  constructor({ world, campaigns, kind, random, short }: SceneOptions) {
    this.world = world;
    this.campaigns = campaigns;
    this.kind = kind;
    this.random = random;
    this.short = short;
  }

  /** One of the devices of a kind. */
  device(kind: DeviceKind = this.kind): Device {
    return this.random.pick(this.world.devices.filter((device) => device.kind === kind));
  }

  /** The worker that holds the device now. */
  async holderOf({ id }: Device): Promise<WorkerNode> {
    const { db, workers } = this.world;
    let holder: WorkerNode | undefined;
    const found = async (): Promise<boolean> => {
      const { rows } = await db.pool.query<{ name: string }>(
        `SELECT w.name FROM devices d JOIN workers w ON w.id = d.lease_worker_id
         WHERE d.id = $1 AND d.lease_expires_at > clock_timestamp()`,
        [id],
      );
      holder = workers.alive.find(({ name }) => name === rows[0]?.name);
      return holder !== undefined;
    };
    await until(`a holder of device ${id}`, found, 20_000);
    if (holder === undefined) throw new Error(`device ${id} has no holder`);
    return holder;
  }

  /** How many messages of these campaigns have arrived, by kind. */
  async arrived(): Promise<ReadonlyMap<DeviceKind, number>> {
    const kinds = new Map<string, DeviceKind>();
    for (const { kind, phones } of this.campaigns) for (const phone of phones) kinds.set(phone, kind);
    const counts = new Map<DeviceKind, number>();
    for (const { to } of await this.world.sandbox.arrivals()) {
      const kind = kinds.get(to);
      if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }

  /** Waits until so many more have arrived of this kind. */
  async untilMoreArrived(kind: DeviceKind, more: number, withinMs = 20_000): Promise<void> {
    const before = (await this.arrived()).get(kind) ?? 0;
    const grown = async () => ((await this.arrived()).get(kind) ?? 0) >= before + more;
    await until(`${more} more of ${kind}`, grown, withinMs);
  }

  readonly pause = async (ms: number): Promise<void> => {
    await sleep(ms);
  };
}
