import { composeSandbox } from "../../src/compose.ts";
import { ControlClient } from "./control-client.ts";

export interface TestSandbox extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly control: ControlClient;
}

export interface TestSandboxOptions {
  /** Default 0, a free one. Pages keep their store by origin: a restart must take the same port. */
  readonly port?: number;
  readonly dataFile?: string;
  /** Default 20,000. */
  readonly qrRotateMs?: number;
}

/** The stand-in inside this process. */
export async function openSandbox(options: TestSandboxOptions = {}): Promise<TestSandbox> {
  const sandbox = await composeSandbox({
    port: options.port ?? 0,
    sitesPort: 0,
    host: "127.0.0.1",
    dataFile: options.dataFile ?? null,
    qrRotateMs: options.qrRotateMs ?? 20_000,
  });
  return {
    url: sandbox.url,
    port: Number(new URL(sandbox.url).port),
    control: new ControlClient(sandbox.url),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}
