import type { DeviceState, JobState, StateData } from "@pregonero/contracts";
import type { StateHandlers } from "./channel-types.ts";

/** A state as this client has it, and who listens. */
export class StateChannel {
  readonly #handlers = new Set<StateHandlers<unknown>>();
  #state: StateData | undefined;
  /** The next state is all that there is, not what has changed. */
  #whole = true;

  get unused(): boolean {
    return this.#handlers.size === 0;
  }

  add(handlers: StateHandlers<unknown>): void {
    this.#handlers.add(handlers);
    if (this.#state !== undefined) handlers.state(this.#state);
  }

  remove(handlers: StateHandlers<unknown>): void {
    this.#handlers.delete(handlers);
  }

  subscribed(): void {
    this.#whole = true;
  }

  state(data: StateData): void {
    this.#state = this.#whole || this.#state === undefined ? data : merged(this.#state, data);
    this.#whole = false;
    for (const handlers of this.#handlers) handlers.state(this.#state);
  }

  refused(error: string, code: string): void {
    for (const handlers of this.#handlers) handlers.refused?.(error, code);
  }
}

function merged(known: StateData, changed: StateData): StateData {
  if ("jobs" in known && "jobs" in changed)
    return { jobs: byKey([...known.jobs, ...changed.jobs], ({ job_id }: JobState) => job_id) };
  if ("devices" in known && "devices" in changed)
    return {
      devices: byKey([...known.devices, ...changed.devices], ({ device_id }: DeviceState) => device_id),
    };
  return changed;
}

/** The last of each key, where the first of it was. */
function byKey<T>(items: readonly T[], keyOf: (item: T) => string | number): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
