import type { DeviceKind } from "@pregonero/db";
import type { Fault } from "../faults/fault.ts";
import { Scene } from "../faults/scene.ts";
import { judge, type Verdict } from "../observer/judge.ts";
import { observe } from "../observer/observe.ts";
import type { Random } from "../random.ts";
import { until } from "../wait.ts";
import type { Campaign } from "../world/campaigns.ts";
import { allHeld } from "../world/held.ts";
import type { World } from "../world/world.ts";

export interface Injection {
  readonly verdict: Verdict;
  readonly recoverMs: number;
  /** What went wrong beside the messages. */
  readonly wrong: readonly string[];
  readonly campaigns: readonly Campaign[];
}

export interface InjectOptions {
  readonly kind: DeviceKind;
  readonly random: Random;
  readonly short: boolean;
}

/** So many that some are left when the system has recovered. */
const sizes: Readonly<Record<DeviceKind, { readonly short: number; readonly long: number }>> = {
  whatsapp_web: { short: 120, long: 300 },
  whatsapp_cloud: { short: 300, long: 1_200 },
  wablas: { short: 200, long: 600 },
};

const underWay = 5;
const recoverMs = 90_000;
const finishMs = 120_000;
const newsMs = 20_000;

/** Breaks the system once while campaigns run, waits until it has recovered and they have ended, and judges. */
export async function inject(world: World, fault: Fault, options: InjectOptions): Promise<Injection> {
  const wrong: string[] = [];
  const complain = (error: unknown): void => {
    wrong.push(error instanceof Error ? error.message : String(error));
  };
  const campaigns: Campaign[] = [];
  for (const kind of fault.kinds)
    campaigns.push(await world.campaigns.start(kind, sizes[kind][options.short ? "short" : "long"]));
  const scene = new Scene({ world, campaigns, ...options });
  await until("campaigns under way", () => allArrived(scene, fault, underWay), recoverMs).catch(complain);
  await fault.inject(scene).catch(complain);
  const recovered = await recovery(scene).catch((error: unknown) => {
    complain(error);
    return recoverMs;
  });
  await fault.tidy?.(scene).catch(complain);
  for (const node of world.workers.fallen)
    wrong.push(`${node.name} ended by itself:\n${lastWords(node.process.output())}`);
  await world.workers.fill(world.size.workers).catch(complain);
  if (world.api.pid === undefined) await world.api.start().catch(complain);
  await until("all messages ended", () => allEnded(scene), finishMs).catch(async (error: unknown) => {
    complain(error);
    wrong.push(...(await stuck(scene)));
  });
  // What a provider has just taken reaches the phone a moment later, and a webhook that is tried again may still tell of
  // what nobody saw. What does not come is found by the judge.
  await until("rows and phones agree", () => agreed(scene), newsMs).catch(() => undefined);
  const numbers = new Set(campaigns.flatMap(({ phones }) => phones));
  const arrivals = (await world.sandbox.arrivals()).filter(({ to }) => numbers.has(to));
  const verdict = judge(await observe(world.db, arrivals, campaigns));
  return { verdict, recoverMs: recovered, wrong, campaigns };
}

const allArrived = async (scene: Scene, fault: Fault, count: number): Promise<boolean> => {
  const arrived = await scene.arrived();
  return fault.kinds.every((kind) => (arrived.get(kind) ?? 0) >= count);
};

/** Until every device is connected again and every campaign that is not over goes on. @returns ms */
async function recovery(scene: Scene): Promise<number> {
  const before = await scene.arrived();
  const holds = async (): Promise<boolean> => {
    if (!(await allHeld(scene.world))) return false;
    const open = await openJobs(scene);
    const now = await scene.arrived();
    return scene.campaigns
      .filter(({ jobId }) => open.has(jobId))
      .every(({ kind }) => (now.get(kind) ?? 0) > (before.get(kind) ?? 0));
  };
  return await until("recovery", holds, recoverMs);
}

/** Jobs that still have messages which nobody has claimed. */
async function openJobs({ world, campaigns }: Scene): Promise<ReadonlySet<string>> {
  const { rows } = await world.db.pool.query<{ id: string }>(
    `SELECT id FROM send_messages_jobs WHERE id = ANY ($1::uuid[]) AND status IN ('pending', 'running')
       AND next_seq < total`,
    [campaigns.map(({ jobId }) => jobId)],
  );
  return new Set(rows.map(({ id }) => id));
}

async function allEnded({ world, campaigns }: Scene): Promise<boolean> {
  const { rows } = await world.db.pool.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM messages WHERE job_id = ANY ($1::uuid[])
       AND (state IN ('queued', 'sending', 'retrying') OR (state = 'unknown' AND settle_until IS NOT NULL))`,
    [campaigns.map(({ jobId }) => jobId)],
  );
  return rows[0]?.open === 0;
}

/** What an operator would look at. */
async function stuck({ world, campaigns }: Scene): Promise<string[]> {
  const ids = [campaigns.map(({ jobId }) => jobId)];
  const rows = async (sql: string, values: unknown[] = []) =>
    (await world.db.pool.query(sql, values)).rows.map((row) => JSON.stringify(row));
  return [
    ...(await rows("SELECT * FROM v_stuck LIMIT 5")),
    ...(await rows("SELECT id, state, state_reason, aside_until, aside_reason, lease_epoch FROM devices")),
    ...(await rows(
      "SELECT job_id, device_id, status, ready_at, now() FROM lanes WHERE job_id = ANY ($1)",
      ids,
    )),
  ];
}

/** What counts as sent has arrived, and nothing that arrived counts as unknown. */
async function agreed({ world, campaigns }: Scene): Promise<boolean> {
  // Rows first: what is sent by then is looked for in books that are younger.
  const { rows } = await world.db.pool.query<{ phone: string; unknown: boolean }>(
    `SELECT phone, state = 'unknown' AS unknown FROM messages
     WHERE job_id = ANY ($1::uuid[]) AND state IN ('unknown', 'sent', 'delivered', 'read')`,
    [campaigns.map(({ jobId }) => jobId)],
  );
  const arrived = new Set((await world.sandbox.arrivals()).map(({ to }) => to));
  return rows.every(({ phone, unknown }) => arrived.has(phone) !== unknown);
}

/** What it says of why it ends, else what it said last. */
function lastWords(output: string): string {
  const lines = output.trim().split("\n");
  const reason = lines.filter((line) => /uncaught|unhandled|could not start/.test(line));
  return (reason.length > 0 ? reason : lines.slice(-3)).join("\n");
}
