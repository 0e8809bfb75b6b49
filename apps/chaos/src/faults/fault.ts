import type { DeviceKind } from "@pregonero/db";
import type { Scene } from "./scene.ts";

/** One way to break the running system. */
export interface Fault {
  readonly name: string;
  /** Part of the short form. */
  readonly short: boolean;
  /** The kinds of channel that it applies to. */
  readonly kinds: readonly DeviceKind[];
  /** Tried on each kind in turn, while campaigns run on all of them; else once for all. */
  readonly eachKind?: boolean;
  /** Why it cannot be tried on this machine, or null. */
  readonly unable?: () => string | null;
  /**
   * Breaks it while campaigns are under way. Resolves when the cause is gone: from then on the time to recover counts.
   * Rejects when the fault did not come about, or when something held that must not.
   */
  inject(scene: Scene): Promise<void>;
  /** Puts back what the world needs for the next one; also after an injection that rejected. */
  tidy?(scene: Scene): Promise<void>;
}
