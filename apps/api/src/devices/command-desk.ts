import {
  abandonCommand,
  createCommand,
  findCommand,
  transaction,
  writeAudit,
  type Actor,
  type CommandState,
  type Database,
  type DeviceCommandKind,
} from "@pregonero/db";
import { monotonicMs, sleep } from "@pregonero/runtime";
import type { Announcer } from "../events/announcer.ts";

export interface CommandOrder {
  readonly deviceId: number;
  readonly kind: DeviceCommandKind;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Waiting {
  readonly forMs: number;
  /** Aborted when nobody waits any more. */
  readonly gone: AbortSignal;
}

/** Between two looks at the row of a command. */
const pollMs = 200;

/** Asks things of the worker that holds a device, and waits for its answer. The row carries both ways. */
export class CommandDesk {
  readonly #db: Database;
  readonly #announcer: Announcer;

  constructor(deps: { db: Database; announcer: Announcer }) {
    this.#db = deps.db;
    this.#announcer = deps.announcer;
  }

  /** @returns the command's id */
  async ask(who: Actor, order: CommandOrder): Promise<string> {
    const id = await transaction(this.#db, async (tx) => {
      const made = await createCommand(tx, order);
      await writeAudit(tx, who, { action: `device.${order.kind}`, subject: `device:${order.deviceId}` });
      return made;
    });
    this.#announcer.deviceNeedsLook(order.deviceId);
    return id;
  }

  /** The command as it is when it has ended, or when the time is over. */
  async settle(id: string, { forMs, gone }: Waiting): Promise<CommandState> {
    const deadline = monotonicMs() + forMs;
    for (;;) {
      const state = await this.#read(id);
      if (hasEnded(state) || monotonicMs() >= deadline) return state;
      if (!(await sleep(pollMs, gone))) return state;
    }
  }

  /** Takes back a command that no worker has begun. */
  async abandon(id: string): Promise<void> {
    await abandonCommand(this.#db.pool, id);
  }

  async #read(id: string): Promise<CommandState> {
    const state = await findCommand(this.#db.pool, id);
    if (!state) throw new Error(`the command ${id} is gone`);
    return state;
  }
}

export function hasEnded({ command }: CommandState): boolean {
  return command.status === "done" || command.status === "failed";
}
