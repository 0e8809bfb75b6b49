import { createServer } from "node:net";

/** A TCP port of 127.0.0.1 that nobody listens on now. Another process may take it before the caller does. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

const portTries = 5;

/** Runs `start` with `port`, or with free ones until it does not fail for the reason that the port was taken. */
export async function onFreePort<T>(
  port: number | undefined,
  start: (port: number) => Promise<T>,
  isTaken: (error: unknown) => boolean,
): Promise<T> {
  if (port !== undefined) return start(port);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === portTries || !isTaken(error)) throw error;
    }
  }
}
