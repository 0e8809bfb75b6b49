import { inject, Injectable, signal } from "@angular/core";
import type {
  Channel,
  DeviceState,
  HandlersOf,
  LiveChannels,
  RealtimeState,
  SubscribeOptions,
} from "@pregonero/client";
import { API } from "../api/api.ts";

/** The connection of the channels, opened by whoever needs it first and kept from then on. */
@Injectable({ providedIn: "root" })
export class Channels {
  readonly #api = inject(API);
  readonly #state = signal<RealtimeState>("disconnected");
  readonly #devices = signal<ReadonlyMap<number, DeviceState>>(new Map());
  #known: LiveChannels | null = null;
  #devicesFollowed = false;

  readonly state = this.#state.asReadonly();
  /** How each device is, by id; of those that are known by now. */
  readonly devices = this.#devices.asReadonly();

  /** Keeps `devices` as they are, from now on. */
  followDevices(): void {
    if (this.#devicesFollowed) return;
    this.#devicesFollowed = true;
    this.subscribe("devices", {
      state: ({ devices }) =>
        this.#devices.update((known) => {
          const changed = new Map(known);
          for (const device of devices) changed.set(device.device_id, device);
          return changed;
        }),
    });
  }

  /** @returns a function that ends it */
  subscribe<C extends Channel>(channel: C, handlers: HandlersOf<C>, options?: SubscribeOptions): () => void {
    const live = this.#api.live();
    if (this.#known === null) {
      this.#known = live;
      live.onState((state) => this.#state.set(state));
    }
    this.#state.set(live.state);
    return live.subscribe(channel, handlers, options);
  }
}
