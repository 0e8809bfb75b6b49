import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import type { LaunchOptions, Page } from "puppeteer";
import type concurrency from "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";
import type {
  JobInstance,
  WorkerInstance,
} from "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";

// The base class is not in the package's index, and an `import` of a CommonJS module with a `default` gives the class
// under Vite and an object around it under Node. `require` gives the same everywhere.
const base = "puppeteer-cluster/dist/concurrency/ConcurrencyImplementation.js";
const { default: ConcurrencyImplementation }: typeof concurrency = createRequire(import.meta.url)(base);

/** What a slot hosts. */
interface Hosted {
  readonly page: Page;
  close(): Promise<void>;
}

/** Opens what the next job in line is about. Resolves with null when that failed; never rejects. */
type OpenNext = () => Promise<Hosted | null>;

type Implementation = new (options: LaunchOptions, puppeteer: unknown) => concurrency.default;

/**
 * How puppeteer-cluster's slots are filled: a slot has no browser of its own, each job brings a device's (the profile
 * belongs to the device, not to the slot, and dispatch has no affinity). puppeteer-cluster's own implementations open
 * an incognito context per job, in which no WhatsApp session survives.
 *
 * puppeteer-cluster calls `jobInstance` in the order in which jobs were queued and without telling which job it is
 * for: `openNext` takes its own queue in the same order. It must never throw, because a `jobInstance` that keeps
 * throwing leaves `execute()` pending for ever; so a browser that did not open becomes a job instance without one.
 */
export function profileConcurrency(openNext: OpenNext): Implementation {
  return class ProfileConcurrency extends ConcurrencyImplementation {
    async init(): Promise<void> {
      // Nothing is opened before the first device comes.
    }

    async close(): Promise<void> {
      // Every browser belongs to a job and is closed with it.
    }

    async workerInstance(): Promise<WorkerInstance> {
      return {
        jobInstance: async (): Promise<JobInstance> => {
          const hosted = await openNext();
          if (hosted === null) return { resources: { page: noPage() }, close: async () => undefined };
          return { resources: { page: hosted.page }, close: () => hosted.close() };
        },
        close: async () => undefined,
        // Each job comes with a new browser, so there is never anything to repair for the next one.
        repair: async () => undefined,
      };
    }
  };
}

/** puppeteer-cluster adds an `error` listener to the page of every job; a job without a browser needs no more. */
function noPage(): Page {
  return new EventEmitter() as unknown as Page;
}
