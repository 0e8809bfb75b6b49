import type { IncomingMessage, ServerResponse } from "node:http";
import {
  alerts,
  bakery,
  busyLoop,
  clinic,
  crash,
  endlessScroll,
  escapes,
  news,
  page,
  plain,
  refreshTo,
} from "./pages.ts";

/** What a sample website answers. `path` has no query. */
type Site = (visit: { path: string; url: URL; response: ServerResponse; request: IncomingMessage }) => void;

/** A private address that no test listens on, of the kind that gives away a cloud machine's secrets. */
const metadataAddress = "169.254.169.254";

const html = (
  response: ServerResponse,
  body: string,
  status = 200,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    server: "nginx/1.27.2",
    ...headers,
  });
  response.end(body);
};

const redirect = (response: ServerResponse, location: string, status = 302): void => {
  response.writeHead(status, { location });
  response.end();
};

const notFound = (response: ServerResponse): void =>
  html(response, page({ name: "Not found", language: "en", description: "", body: "<p>404</p>" }), 404);

const assets: Readonly<Record<string, readonly [type: string, body: string]>> = {
  css: ["text/css", "body { font-family: sans-serif; margin: 2rem } p { max-width: 60ch }\n".repeat(20)],
  js: ["text/javascript", "(() => { window.ready = true; })();\n".repeat(50)],
  svg: [
    "image/svg+xml",
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path fill="#b5651d" d="M0 0h4v3H0z"/></svg>`,
  ],
};

/** A site with these pages; assets by their ending. */
const pages = (bodies: Readonly<Record<string, string>>, headers: Record<string, string> = {}): Site => {
  return ({ path, response }) => {
    const body = bodies[path];
    const asset = assets[path.slice(path.lastIndexOf(".") + 1)];
    if (body !== undefined) html(response, body, 200, headers);
    else if (asset) response.writeHead(200, { "content-type": asset[0] }).end(asset[1]);
    else notFound(response);
  };
};

const later = (ms: number, response: ServerResponse, work: () => void): void => {
  const timer = setTimeout(work, ms);
  response.on("close", () => clearTimeout(timer));
};

const simple = (text: string): string =>
  page({ name: text, language: "en", description: text, body: `<p>${text}</p>` });

/** 64 KiB at a time, as long as somebody reads. */
function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, "<p>more</p>");
  response.writeHead(200, { "content-type": "text/html" });
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", () => setImmediate(pour));
  };
  response.write("<!doctype html><title>Huge</title>");
  pour();
}

function flaky(): Site {
  let visits = 0;
  return ({ path, response }) => {
    if (path !== "/") return notFound(response);
    visits++;
    if (visits % 2 === 1) html(response, simple("Busy"), 503);
    else html(response, simple("Flaky"));
  };
}

/** Sample websites by the first label of their host; any other name is a plain site that works. */
export function makeSites(): Readonly<Record<string, Site>> {
  return {
    bakery: pages(
      { "/": bakery, "/menu": simple("Menú"), "/contacto": simple("Contacto") },
      { "x-powered-by": "PHP/8.3.1" },
    ),
    clinic: pages({ "/": clinic, "/team": simple("Team") }, { server: "Vercel" }),
    // The last of its forty notes is gone.
    news: pages({
      "/": news,
      ...Object.fromEntries(
        Array.from({ length: 39 }, (_, n) => [`/nota/${n + 1}`, simple(`Nota ${n + 1}`)]),
      ),
    }),
    redirects: ({ path, response }) => {
      if (path === "/") redirect(response, "/old", 301);
      else if (path === "/old") redirect(response, "/older", 302);
      else if (path === "/older") redirect(response, "https://landed.sandbox.test/", 308);
      else notFound(response);
    },
    landed: pages({ "/": simple("Landed") }),
    refresh: pages({ "/": refreshTo("https://landed.sandbox.test/") }),
    loop: ({ url, response }) => redirect(response, `/?n=${Number(url.searchParams.get("n") ?? 0) + 1}`),
    slow: ({ path, response }) =>
      later(800, response, () => (path === "/" ? html(response, simple("Slow")) : notFound(response))),
    // Takes the request and says nothing.
    silent: ({ response }) => void response,
    missing: ({ response }) => notFound(response),
    failing: ({ path, response }) =>
      path === "/robots.txt" ? notFound(response) : html(response, simple("Failing"), 500),
    flaky: flaky(),
    forbidden: ({ path, response }) =>
      path === "/robots.txt" ? notFound(response) : html(response, simple("Go away"), 403),
    selfsigned: pages({ "/": simple("Self-signed") }),
    huge: ({ path, response }) => (path === "/" ? flood(response) : notFound(response)),
    alert: pages({ "/": alerts, "/pop-up": simple("Pop-up") }),
    scroll: pages({ "/": endlessScroll }),
    crash: pages({ "/": crash }),
    busy: pages({ "/": busyLoop }),
    private: ({ path, response }) =>
      path === "/" ? redirect(response, `http://${metadataAddress}/latest/meta-data/`) : notFound(response),
    sneaky: pages({ "/": refreshTo(`http://${metadataAddress}/latest/meta-data/`) }),
    escapes: ({ path, url, response }) =>
      path === "/"
        ? html(response, escapes(url.searchParams.get("to") ?? metadataAddress))
        : notFound(response),
    robots: ({ path, response }) => {
      if (path !== "/robots.txt") return html(response, simple("Not for robots"));
      response.writeHead(200, { "content-type": "text/plain" }).end("User-agent: *\nDisallow: /\n");
    },
    download: ({ path, response }) => {
      if (path !== "/") return notFound(response);
      response.writeHead(200, {
        "content-type": "application/octet-stream",
        "content-disposition": 'attachment; filename="catalogue.zip"',
      });
      response.end(Buffer.alloc(1_024));
    },
  };
}

/** For every host that has no site of its own. */
export const anySite = (host: string): Site => pages({ "/": plain(host), "/servicios": simple("Servicios") });
