import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "@pregonero/local-stack";

test("a free port can be listened on", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  expect(server.listening).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});
