import type { Server } from "node:http";

/** Longest time that a request may take to arrive: an upload of 50 MB over 2 Mbit/s takes 200 s. */
const requestTimeoutMs = 300_000;
const headersTimeoutMs = 30_000;
/** Longer than that of the usual balancer (60 s), so that it is never us who closes under its hands. */
const keepAliveMs = 65_000;

/** Starts listening. @returns the port, also when 0 was asked for */
export async function listen(server: Server, address: { host: string; port: number }): Promise<number> {
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = headersTimeoutMs;
  server.keepAliveTimeout = keepAliveMs;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : address.port;
}

/** How soon a connection is noticed whose last request has ended. */
const idleCheckMs = 50;

/** Takes no more connections, lets requests under way finish for so long, then cuts what is left. */
export async function stopListening(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  // A client keeps its connection for a next request; closed once it is idle, it does not hold up the close.
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  clearInterval(idle);
  clearTimeout(cut);
}
