import { connect, createServer, type Socket } from "node:net";

/** A way to the tests' Redis that can be shut and opened: nothing listens while it is shut. */
export interface Gate extends AsyncDisposable {
  open(): Promise<void>;
  shut(): Promise<void>;
}

export function gateTo(target: URL, port: number): Gate {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  const gate = {
    open: () => new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve)),
    shut: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        sockets.clear();
        server.close(() => resolve());
      }),
  };
  return { ...gate, [Symbol.asyncDispose]: () => gate.shut() };
}
