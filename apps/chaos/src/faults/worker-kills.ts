import type { DeviceKind } from "@pregonero/db";
import { claimsFor, endsTurnOf, runsStatement, sendsOverHttp } from "../proxy/patterns.ts";
import type { Trap } from "../proxy/trap.ts";
import { until } from "../wait.ts";
import { kinds, type Device } from "../world/devices.ts";
import type { WorkerNode } from "../world/worker-node.ts";
import type { Fault } from "./fault.ts";
import type { Scene } from "./scene.ts";

const trapMs = 20_000;

/** Waits for the moment, kills the worker in it, and starts another in its place. */
async function killWhenSprung(scene: Scene, holder: WorkerNode, trap: Trap): Promise<void> {
  const caught = await trap.sprung(trapMs);
  await scene.world.workers.kill(holder);
  trap.cut();
  if (!caught) throw new Error("the moment to kill at did not come");
}

/** kill -9 of the worker that holds a device, at the moment that `set` waits for. */
function killAt(
  name: string,
  short: boolean,
  set: (scene: Scene, device: Device, holder: WorkerNode) => Trap,
): Fault {
  return {
    name: `kill -9 of a worker ${name}`,
    short,
    kinds,
    eachKind: true,
    inject: async (scene) => {
      const device = scene.device();
      const holder = await scene.holderOf(device);
      await killWhenSprung(scene, holder, set(scene, device, holder));
    },
  };
}

const beforeClaim = killAt("before the claim", false, (_scene, device, { postgres }) =>
  postgres.trap("request", claimsFor(device.id)),
);

/** The claim is committed; the worker never learns of it. */
const afterFence = killAt("after the fence", true, (_scene, device, { postgres }) =>
  postgres.trap("answer", claimsFor(device.id)),
);

/** The outcome is committed; the worker never learns of it. */
const afterResult = killAt("after the result", false, (_scene, _device, { postgres }) =>
  postgres.trap("answer", runsStatement("apply_outcomes")),
);

const beforeTurnEnds = killAt("before the queue job ends", false, (_scene, device, { redis }) =>
  redis.trap("request", endsTurnOf(device.id)),
);

const slow = 1_500;

/** The call has been made; the network has not taken the message yet. */
const whileSending: Fault = {
  name: "kill -9 of a worker while it sends",
  short: true,
  kinds,
  eachKind: true,
  inject: async (scene) => {
    const { world } = scene;
    const device = scene.device();
    const holder = await scene.holderOf(device);
    await world.sandbox.faults({
      latency_ms: slow,
      cloud: { latency_ms: slow },
      wablas: { latency_ms: slow },
    });
    const underWay = async (): Promise<boolean> => {
      const { rowCount } = await world.db.pool.query(
        `SELECT 1 FROM messages WHERE device_id = $1 AND send_by IS NOT NULL AND state = 'sending'
           AND claimed_at BETWEEN clock_timestamp() - interval '1 second' AND clock_timestamp() - interval '0.4 second'
         LIMIT 1`,
        [device.id],
      );
      return rowCount === 1;
    };
    await until("a send under way", underWay, trapMs);
    await world.workers.kill(holder);
    await world.sandbox.calm();
  },
};

/** The message is out; the worker has not heard. */
const afterAccept: Fault = {
  name: "kill -9 of a worker after the provider accepted",
  short: true,
  kinds,
  eachKind: true,
  inject: async (scene) => {
    const device = scene.device();
    const holder = await scene.holderOf(device);
    if (device.kind === "whatsapp_web") await killBeforeAck(scene, device, holder);
    else await killBeforeAnswer(scene, device.kind, holder);
  },
};

async function killBeforeAck({ world }: Scene, device: Device, holder: WorkerNode): Promise<void> {
  const sentBy = async () =>
    (await world.sandbox.arrivals()).filter(({ fromAccount }) => fromAccount === device.phone).length;
  await world.sandbox.faults({ ack_delay_ms: 3_000 });
  const before = await sentBy();
  // The first may have been under way before the delay was set.
  await until("a message without its ack", async () => (await sentBy()) >= before + 2, trapMs);
  await world.workers.kill(holder);
  await world.sandbox.calm();
}

async function killBeforeAnswer(
  scene: Scene,
  kind: Exclude<DeviceKind, "whatsapp_web">,
  holder: WorkerNode,
): Promise<void> {
  const trap = scene.world.provider.trap("answer", sendsOverHttp(kind));
  const caught = await trap.sprung(trapMs);
  // What was caught is taken after the provider's latency; its answer stays in the proxy.
  await scene.pause(500);
  await scene.world.workers.kill(holder);
  trap.cut();
  if (!caught) throw new Error("no send came by");
}

export const workerKills: readonly Fault[] = [
  beforeClaim,
  afterFence,
  whileSending,
  afterAccept,
  afterResult,
  beforeTurnEnds,
];
