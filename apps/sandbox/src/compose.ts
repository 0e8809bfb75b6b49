import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Closer, createLogger, OperatorError, type Logger } from "@pregonero/runtime";
import express, { type Express } from "express";
import { CloudApi } from "./cloud-api/cloud-api.ts";
import { accountRoutes } from "./control/accounts.ts";
import { cloudRoutes } from "./control/cloud.ts";
import { faultRoutes } from "./control/faults.ts";
import { ledgerRoutes } from "./control/ledger.ts";
import { notFound, sendProblem } from "./control/problem.ts";
import { siteRoutes } from "./control/sites.ts";
import { wablasRoutes } from "./control/wablas.ts";
import type { SandboxSettings } from "./env.ts";
import { Network } from "./network/network.ts";
import { SiteServer } from "./sites/site-server.ts";
import { WablasApi } from "./wablas/wablas-api.ts";
import { fileRoutes } from "./whatsapp-web/file-routes.ts";
import { pageFiles } from "./whatsapp-web/page-files.ts";
import { PageServer } from "./whatsapp-web/page-server.ts";

export interface Sandbox {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Where the sample websites are, as `127.0.0.1:40124`. */
  readonly sites: string;
  readonly logger: Logger;
  close(): Promise<void>;
}

/** What stands behind the one port. */
interface Parts {
  readonly network: Network;
  readonly pages: PageServer;
  readonly cloud: CloudApi;
  readonly wablas: WablasApi;
  readonly sites: SiteServer;
}

function composeExpress({ network, pages, cloud, wablas, sites }: Parts): Express {
  const gateways = { cloud: cloud.faults, wablas: wablas.faults };
  const app = express();
  app.disable("x-powered-by");
  app.get("/healthz", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.use(pageFiles(), fileRoutes(network.files));
  app.use("/control", express.json({ limit: "10mb" }));
  app.use("/control", accountRoutes(network), ledgerRoutes(network));
  app.use(
    "/control",
    faultRoutes({ network, pages, gateways }),
    cloudRoutes(cloud),
    wablasRoutes(wablas, network),
  );
  app.use("/control", siteRoutes(sites));
  app.use(notFound, sendProblem);
  return app;
}

/** The gateways do without express: it costs more than all that they do for a message. */
function composeHttp(parts: Parts): RequestListener {
  const { cloud, wablas } = parts;
  const app = composeExpress(parts);
  return (request, response) => {
    const url = request.url ?? "/";
    if (url.startsWith("/cloud/")) cloud.serve(request, response);
    else if (url.startsWith("/wablas/")) wablas.serve(request, response);
    else app(request, response);
  };
}

// Longer than clients keep theirs: a send over a connection that is just being closed ends in an unknown outcome.
const keepAliveMs = 75_000;

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === "EADDRINUSE"
          ? new OperatorError(`SANDBOX_PORT ${port} is taken on ${host}`, { cause })
          : cause,
      ),
    );
    server.listen(port, host, () => resolve());
  });

/**
 * Builds the stand-in and opens its port.
 * @throws OperatorError when the port is taken or the data file cannot be used.
 */
export async function composeSandbox(settings: SandboxSettings): Promise<Sandbox> {
  // stdout belongs to the line that says where the stand-in is.
  const logger = createLogger({ service: "sandbox", level: "warn", stream: process.stderr });
  const closer = new Closer({ logger });
  closer.add("logger", () => logger.close());
  try {
    const network = new Network(settings);
    closer.add("network", () => network.close());
    const pages = new PageServer(network, logger);
    const cloud = new CloudApi(network, logger);
    closer.add("cloud", () => cloud.close());
    const wablas = new WablasApi(network, logger);
    closer.add("wablas", () => wablas.close());
    const sites = new SiteServer();
    const sitesPort = await sites.listen(settings.sitesPort, settings.host).catch((cause: unknown) => {
      throw new OperatorError(`SANDBOX_SITES_PORT ${settings.sitesPort} is taken on ${settings.host}`, {
        cause,
      });
    });
    closer.add("sites", () => sites.close());
    const server = createServer(
      { keepAliveTimeout: keepAliveMs },
      composeHttp({ network, pages, cloud, wablas, sites }),
    );
    pages.attachTo(server);
    await listen(server, settings.port, settings.host);
    closer.add("http", () => {
      server.close();
      server.closeAllConnections();
    });
    closer.add("pages", () => pages.close());
    const { port } = server.address() as AddressInfo;
    const sitesAt = `${settings.host}:${sitesPort}`;
    return { url: `http://${settings.host}:${port}`, sites: sitesAt, logger, close: () => closer.close() };
  } catch (error) {
    await closer.close();
    throw error;
  }
}
