import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { ScrapingErrorCode } from "@pregonero/contracts";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { VisitFailure } from "../../src/scraping/visit/failure.ts";
import { processesNaming } from "../browser/fleet-harness.ts";
import { startSampleSites, type SampleSites } from "./sample-sites.ts";
import { Visitor } from "./visitor.ts";

let sites: SampleSites;
let visitor: Visitor;
beforeAll(async () => {
  sites = await startSampleSites();
  visitor = await Visitor.open({ chromiumPath: inject("chromiumPath"), hostMap: [sites.hostMap] });
}, 60_000);
afterAll(async () => {
  await visitor[Symbol.asyncDispose]();
  await sites[Symbol.asyncDispose]();
});

const at = (name: string): string => `https://${name}.sandbox.test/`;
const lean = { screenshot: false, max_link_checks: 0 };

describe("a report", () => {
  test("tells of a business what an account manager looks at", { timeout: 30_000 }, async () => {
    const { report, screenshots } = await visitor.visit(at("bakery"));
    expect(report).toMatchObject({
      final_url: at("bakery"),
      http_status: 200,
      tls: { protocol: "TLS 1.3", issuer: "*.sandbox.test" },
      title: "Panadería La Espiga",
      description: "Pan de masa madre en Medellín, todos los días.",
      language: "es-CO",
      headings: [
        { level: 1, text: "Panadería La Espiga" },
        { level: 2, text: "Pan de hoy" },
        { level: 2, text: "Contacto" },
      ],
      links: { internal: 4, external: 5 },
      contacts: {
        emails: ["hola@laespiga.example"],
        phones: ["+576041234567"],
        whatsapp: ["573001234567"],
        social: [
          { network: "instagram", url: "https://www.instagram.com/laespiga" },
          { network: "facebook", url: "https://www.facebook.com/laespiga" },
        ],
      },
    });
    expect(report.links.broken_links).toContainEqual({
      url: `${at("bakery")}no-existe`,
      status: 404,
      error: null,
    });
    expect(report.links.broken_links.some(({ url }) => url === `${at("bakery")}menu`)).toBe(false);
    expect(report.technologies).toEqual(
      expect.arrayContaining([
        { name: "WordPress", category: "cms", version: "6.8.3" },
        { name: "jQuery", category: "library", version: "3.7.1" },
        { name: "PHP", category: "language", version: "8.3.1" },
      ]),
    );
    const { ttfb_ms: ttfb, dom_ready_ms: ready, load_ms: load } = report.timings;
    expect(0 < (ttfb ?? 0) && (ttfb ?? 0) <= (ready ?? 0) && (ready ?? 0) <= (load ?? 0)).toBe(true);
    expect(report.weight.bytes).toBeGreaterThan(4_000);
    expect(report.weight.requests).toBeGreaterThanOrEqual(4);
    // JPEGs, the small one much smaller.
    for (const picture of [screenshots?.full, screenshots?.thumbnail]) {
      expect(picture?.subarray(0, 3).toString("hex")).toBe("ffd8ff");
    }
    expect(screenshots?.thumbnail.length).toBeLessThan((screenshots?.full.length ?? 0) / 4);
  });

  test("follows redirects of both kinds and lists the hops", { timeout: 30_000 }, async () => {
    const { report } = await visitor.visit(at("redirects"), lean);
    expect([report.final_url, report.title]).toEqual([at("landed"), "Landed"]);
    expect(report.redirects.map(({ status }) => status)).toEqual([301, 302, 308]);
    const refreshed = await visitor.visit(at("refresh"), lean);
    expect(refreshed.report.final_url).toBe(at("landed"));
    expect(refreshed.report.redirects).toEqual([{ url: at("refresh"), status: 200 }]);
  });

  test("is written in spite of dialogs and pop-ups, and says so", { timeout: 30_000 }, async () => {
    const { report } = await visitor.visit(at("alert"), lean);
    expect(report.title).toBe("Alerts");
    expect(report.notes).toEqual(expect.arrayContaining(["dialog closed: alert", "pop-up closed"]));
  });

  test("of a page without end has a picture with one", { timeout: 30_000 }, async () => {
    const { screenshots } = await visitor.visit(at("scroll"), { max_link_checks: 0 });
    expect(screenshots?.full.length).toBeGreaterThan(1_000);
  });
});

describe("a visit ends with the reason", () => {
  const cases: readonly (readonly [string, ScrapingErrorCode, object])[] = [
    ["missing", "http", {}],
    ["forbidden", "blocked", {}],
    ["selfsigned", "tls", {}],
    ["loop", "redirect_loop", {}],
    ["redirects", "redirect_loop", { max_redirects: 2 }],
    ["huge", "too_large", { max_bytes: 1_000_000 }],
    ["silent", "timeout", { timeout_ms: 1_500, respect_robots: false }],
    ["busy", "timeout", { timeout_ms: 3_000 }],
    ["crash", "crash", {}],
    ["robots", "robots", {}],
    ["download", "download", {}],
    ["private", "private_address", {}],
    ["sneaky", "private_address", {}],
  ];
  test.each(cases)("%s: %s", { timeout: 30_000 }, async (name, code, config) => {
    const failure = await visitor.visit(at(name), { ...lean, ...config }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(VisitFailure);
    expect((failure as VisitFailure).code).toBe(code);
  });

  test("robots.txt is heeded only as the job says", { timeout: 30_000 }, async () => {
    const { report } = await visitor.visit(at("robots"), { ...lean, respect_robots: false });
    expect(report.title).toBe("Not for robots");
  });
});

test(
  "nothing of a page reaches a private address: no image, frame, script, fetch, socket, beacon or WebRTC",
  { timeout: 30_000 },
  async () => {
    // Both would be reached if anything went past the proxy.
    let knocks = 0;
    const tcp = createServer((socket) => {
      knocks++;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(tcp, "listening");
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket("udp4", () => knocks++).bind(port, "127.0.0.1");
    await once(udp, "listening");
    try {
      for (const host of ["127.0.0.1", "localhost"]) {
        const { report } = await visitor.visit(`${at("escapes")}?to=${host}:${port}`, lean);
        expect(report.notes).toContain(`request refused: ${host} (private_address)`);
      }
      expect(knocks).toBe(0);
      // The same page reaches a place that the operator allows: the way is open, and guarded.
      await using allowed = await Visitor.open({
        chromiumPath: inject("chromiumPath"),
        hostMap: [sites.hostMap],
        allow: [`127.0.0.1:${port}`],
      });
      await allowed.visit(`${at("escapes")}?to=127.0.0.1:${port}`, lean);
      expect(knocks).toBeGreaterThan(0);
    } finally {
      tcp.close();
      udp.close();
    }
  },
);

test(
  "a browser that dies takes down its own visits, and the next ones get a new one",
  { timeout: 60_000 },
  async () => {
    const visiting = visitor.visit(at("silent"), { ...lean, respect_robots: false, timeout_ms: 20_000 });
    const failed = expect(visiting).rejects.toMatchObject({ name: "BrowserGone" });
    const profile = `pregonero-scraping-${process.pid}-`;
    const browsers = async () =>
      (await processesNaming(profile)).filter(({ commandLine }) => !commandLine.includes("--type="));
    await expect
      .poll(async () => (await sites.visits())["silent.sandbox.test"]?.open ?? 0)
      .toBeGreaterThan(0);
    for (const { pid } of await browsers()) process.kill(pid, "SIGKILL");
    await failed;
    const { report } = await visitor.visit(at("landed"), lean);
    expect(report.title).toBe("Landed");
    await expect.poll(async () => (await browsers()).length, { timeout: 10_000 }).toBe(1);
  },
);
