/** States of a row in `browser_context`. */
export type ContextStatus = "available" | "busy" | "disconnected" | "error" | "closed";

/** Is told what becomes of each context. Returns at once and never throws: a slow database must not slow a send. */
export interface ContextReporter {
  /** `pid` is the browser's process on this host. The context starts as `disconnected`: no session is known yet. */
  opened(context: {
    readonly browserSystemId: string;
    readonly deviceId: number;
    readonly pid: number | null;
  }): void;
  status(browserSystemId: string, status: ContextStatus, detail?: string): void;
}
