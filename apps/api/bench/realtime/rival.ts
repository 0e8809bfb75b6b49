import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { paced } from "./pace.ts";
import { frameOf, nowUs } from "./payload.ts";

/**
 * What the native protocol is held against, in a process of its own: a bare `ws` server that broadcasts by itself, or a
 * socket.io server that relays what comes over its Redis adapter.
 */
export interface Broadcast {
  readonly perSecond: number;
  readonly seconds: number;
  readonly jobId: string;
}

const kind = process.argv[2];
const server = createServer();

if (kind === "bare") {
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  let number = 0;
  const broadcast = async ({ perSecond, seconds, jobId }: Broadcast): Promise<void> => {
    const total = await paced(perSecond, seconds, () => {
      const text = JSON.stringify(frameOf(jobId, (number += 1), nowUs()));
      for (const socket of sockets.clients) socket.send(text);
    });
    process.send?.({ published: total });
  };
  process.on("message", (order: Broadcast) => void broadcast(order));
} else {
  const redis = new Redis(process.env["REDIS_URL"] ?? "");
  new Server(server, { adapter: createAdapter(redis, redis.duplicate()), transports: ["websocket"] });
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address ? address.port : 0 });
});
