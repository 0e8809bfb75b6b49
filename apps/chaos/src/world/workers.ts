import type { Place } from "./place.ts";
import type { Servers } from "./servers.ts";
import { WorkerNode } from "./worker-node.ts";

/** The workers of the world: some die and others come. */
export class Workers {
  readonly #place: Place;
  readonly #servers: Servers;
  readonly #nodes = new Set<WorkerNode>();
  #started = 0;

  constructor(place: Place, servers: Servers) {
    this.#place = place;
    this.#servers = servers;
  }

  get alive(): readonly WorkerNode[] {
    return [...this.#nodes].filter((node) => node.alive);
  }

  /** Those that ended without having been told to. */
  get fallen(): readonly WorkerNode[] {
    return [...this.#nodes].filter((node) => !node.alive);
  }

  async add(env: NodeJS.ProcessEnv = {}): Promise<WorkerNode> {
    this.#started += 1;
    const node = await WorkerNode.start(`worker-${this.#started}`, this.#place, this.#servers, env);
    this.#nodes.add(node);
    return node;
  }

  async kill(node: WorkerNode): Promise<void> {
    this.#nodes.delete(node);
    await node.kill();
  }

  /** @returns its exit code */
  async stop(node: WorkerNode): Promise<number | null> {
    this.#nodes.delete(node);
    return await node.stop();
  }

  /** Starts as many as are missing. */
  async fill(count: number): Promise<void> {
    for (const node of this.fallen) this.#nodes.delete(node);
    const missing = Math.max(0, count - this.alive.length);
    await Promise.all(Array.from({ length: missing }, () => this.add()));
  }

  async close(): Promise<(number | null)[]> {
    return await Promise.all(this.alive.map((node) => this.stop(node)));
  }
}
