import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "./support/api.ts";

let folder: string;
let app: TestApi;
const script = "console.log('a script that is long enough to be worth it')";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pregonero-dashboard-"));
  await writeFile(join(folder, "index.html"), '<app-root ngCspNonce="%CSP_NONCE%"></app-root>');
  await writeFile(join(folder, "main-ABCDEFGH.js"), script);
  await writeFile(join(folder, "main-ABCDEFGH.js.br"), brotliCompressSync(script));
  await writeFile(join(folder, "main-ABCDEFGH.js.gz"), gzipSync(script));
  await writeFile(join(folder, "icon.svg"), "<svg/>");
  app = await startTestApi({ DASHBOARD_DIR: folder });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const get = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });

describe("the dashboard", () => {
  test("has its page at every address of its own, with a policy without any unsafe-inline", async () => {
    for (const path of ["/", "/campaigns/0190", "/job/7", "/jobs", "/nothing-like-that"]) {
      const response = await get(path, browser);
      expect(`${path} ${response.status} ${response.headers.get("content-type")}`).toBe(
        `${path} 200 text/html; charset=utf-8`,
      );
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain("unsafe");
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
      expect(await response.text()).toContain(`ngCspNonce="${nonce}"`);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
    const [one, other] = await Promise.all([get("/", browser), get("/", browser)]);
    expect(await one.text()).not.toBe(await other.text());
  });

  test("leaves the addresses that it shares to whoever does not ask for a page", async () => {
    const jobs = await get("/jobs", { authorization: `Bearer ${app.keys.viewer}`, accept: "*/*" });
    expect(await jobs.json()).toEqual([]);
    expect(jobs.headers.get("vary")).toContain("Accept");
    const json = await get("/jobs", {
      authorization: `Bearer ${app.keys.viewer}`,
      accept: "application/json",
    });
    expect(await json.json()).toEqual([]);
    expect((await get("/nothing-like-that")).headers.get("content-type")).toContain("problem+json");
    // Addresses of the API are never pages.
    expect((await get("/api/v1/nothing", browser)).headers.get("content-type")).toContain("problem+json");
  });

  test("sends its files in the smallest coding that the caller knows, to be kept for ever", async () => {
    const codings = { br: "br", gzip: "gzip", "gzip, deflate, br, zstd": "br", "gzip, br;q=0": "gzip" };
    for (const [accepted, coding] of Object.entries(codings)) {
      const response = await get("/main-ABCDEFGH.js", { "accept-encoding": accepted });
      expect(response.headers.get("content-encoding")).toBe(coding);
      expect(response.headers.get("cache-control")).toContain("immutable");
      expect(await response.text()).toBe(script);
    }
    const plain = await get("/main-ABCDEFGH.js", { "accept-encoding": "identity" });
    expect(plain.headers.get("content-encoding")).toBeNull();
    const etag = plain.headers.get("etag") ?? "";
    expect((await get("/main-ABCDEFGH.js", { "if-none-match": etag })).status).toBe(304);
    expect((await get("/icon.svg")).headers.get("cache-control")).toBe("no-cache");
  });

  test("opens no other file of the machine", async () => {
    for (const path of ["/../index.html", "/%2e%2e/%2e%2e/etc/passwd", "/index.html.br"])
      expect((await get(path)).status).toBe(404);
  });
});
