import { createServer } from "node:net";
import { host } from "../stack/apps.ts";

/** Whether nobody listens on it now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
