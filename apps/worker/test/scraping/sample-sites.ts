import { freePort, startProcess } from "@pregonero/local-stack";

/** Whose certificates the sandbox's sample websites have: see apps/sandbox/README.md. */
export const sampleSitesKey = "HJFWw0os3cnk61BqZeMZpzZGnTHew0hC7yQ8Qc6G+Mc=";

export interface SampleSites extends AsyncDisposable {
  /** An entry for `SCRAPING_HOST_MAP`. */
  readonly hostMap: string;
  readonly port: number;
  /** What was asked of each site so far. */
  visits(): Promise<Readonly<Record<string, { documents: number; requests: number; open: number }>>>;
}

/** The sandbox as a process of its own, for its websites. */
export async function startSampleSites(): Promise<SampleSites> {
  const [control, port] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${control}`;
  const process = await startProcess({
    name: "sandbox",
    entry: "apps/sandbox",
    env: { SANDBOX_PORT: String(control), SANDBOX_SITES_PORT: String(port) },
    ready: { url: `${url}/healthz` },
  });
  return {
    hostMap: `*.sandbox.test=127.0.0.1:${port}`,
    port,
    visits: async () =>
      (await (await fetch(`${url}/control/sites`)).json()) as Awaited<ReturnType<SampleSites["visits"]>>,
    [Symbol.asyncDispose]: async () => void (await process.close()),
  };
}
