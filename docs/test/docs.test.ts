import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(root, path), "utf8");

async function readSchema(): Promise<string> {
  const names = await readdir(join(root, "prisma/schema"));
  return (await Promise.all(names.map((name) => read(`prisma/schema/${name}`)))).join("\n");
}

type Arrows = ReadonlySet<string>;

/** "from --> to" of each drawing, by the heading above it. */
async function drawings(): Promise<Map<string, Arrows>> {
  const text = await read("docs/state-machines.md");
  const sections = text.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const title = section.slice(0, section.indexOf("\n"));
      const arrows = [...section.matchAll(/^ {2}(\S+) --> ([\w[*\]]+)/gm)].map(
        ([, from, to]) => `${from} --> ${to}`,
      );
      return [title, new Set(arrows)];
    }),
  );
}

const statesOf = (arrows: Arrows | undefined) =>
  [...new Set([...(arrows ?? [])].flatMap((arrow) => arrow.split(" --> ")))]
    .filter((state) => state !== "[*]")
    .toSorted();

/** The newest definition in the migrations. */
async function mayBecome(what: string): Promise<string> {
  const folders = (await readdir(join(root, "prisma/migrations")))
    .filter((name) => /^\d/.test(name))
    .toSorted();
  const texts = await Promise.all(folders.map((folder) => read(`prisma/migrations/${folder}/migration.sql`)));
  const bodies = texts.flatMap((text) => [
    ...text.matchAll(new RegExp(`FUNCTION ${what}_may_become[^$]*\\$\\$([^$]*)\\$\\$`, "g")),
  ]);
  return bodies.at(-1)?.[1] ?? "";
}

describe("state machines", () => {
  test.each([
    ["Message", "message", "queued", 20],
    ["Scraping step", "scraping_step", "pending", 7],
  ])("the drawing of %s is the table in SQL", async (title, what, first, least) => {
    const rows = [...(await mayBecome(what)).matchAll(/WHEN '(\w+)' THEN p_to IN \(([^)]*)\)/g)];
    const arrows = rows.flatMap(([, from, to = ""]) =>
      [...to.matchAll(/\w+/g)].map(([state]) => `${from} --> ${state}`),
    );
    expect(arrows.length).toBeGreaterThan(least);
    expect([...((await drawings()).get(title) ?? [])].toSorted()).toEqual(
      [...arrows, `[*] --> ${first}`].toSorted(),
    );
  });

  test.each([
    ["Message", "MessageState"],
    ["Job", "JobStatus"],
    ["Scraping job", "JobStatus"],
    ["Scraping step", "ScrapingStepStatus"],
    ["Device: connection", "ConnectionState"],
    ["Browser context", "BrowserContextStatus"],
    ["Worker", "WorkerStatus"],
    ["Schedule run", "ScheduleRunStatus"],
    ["Notification", "NotificationStatus"],
    ["Webhook delivery", "WebhookDeliveryStatus"],
    ["Export", "ExportStatus"],
  ])("the drawing of %s has the states of the schema", async (title, name) => {
    const schema = await readSchema();
    const body = new RegExp(`^enum ${name} \\{([^}]*)\\}`, "m").exec(schema)?.[1] ?? "";
    const states = [...body.matchAll(/^ {2}(\w+)$/gm)].map(([, state]) => state);
    expect(statesOf((await drawings()).get(title))).toEqual(states.toSorted());
  });
});

test.each(["api", "worker"])("every setting of the %s is explained in operations.md", async (app) => {
  const files = [`apps/${app}/src/env.ts`, "packages/outbound/src/env.ts", "packages/storage/src/env.ts"];
  const source = (await Promise.all(files.map(read))).join("\n");
  const names = [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(10);
  const text = await read("docs/operations.md");
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

describe("realtime.md", () => {
  test("has every close code and every type of frame", async () => {
    const [source, text] = await Promise.all([
      read("packages/contracts/src/realtime.ts"),
      read("docs/realtime.md"),
    ]);
    const codes = [...source.matchAll(/^ {2}\w+: (\d{4}),$/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(4);
    for (const code of codes) expect(text).toMatch(new RegExp(`^\\| ${code} \\|`, "m"));
    const literals = [...source.matchAll(/type: z\.literal\("(\w+)"\)|type: z\.enum\(\[([^\]]*)\]\)/g)];
    const types = literals.flatMap(
      ([, one, several = ""]) => one ?? [...several.matchAll(/\w+/g)].map(([type]) => type),
    );
    expect(types.length).toBeGreaterThan(12);
    for (const type of types) expect(text).toMatch(new RegExp(`\`${type}\`|"${type}"`));
  });

  test("has the limits as they are", async () => {
    const options = await read("apps/api/src/realtime/options.ts");
    const text = await read("docs/realtime.md");
    const value = (name: string) => new RegExp(`^ {2}${name}: (.+),$`, "m").exec(options)?.[1];
    expect(value("maxFrameBytes")).toBe("64 * 1024");
    expect(value("conflateAboveBytes")).toBe("1024 * 1024");
    expect(value("closeAboveBytes")).toBe("4 * 1024 * 1024");
    expect(text).toContain(
      `more than ${value("inboundBurst")} frames at once, or ${value("inboundPerSecond")} a second`.replace(
        "more",
        "More",
      ),
    );
    expect(text).toContain(`up to ${value("maxSubscriptions")?.replace("_", ",")} jobs`);
    expect(text).toContain(`pings every ${Number(value("heartbeatMs")?.replace("_", "")) / 1_000} seconds`);
    expect(text).toContain(`within ${Number(value("authMs")?.replace("_", "")) / 1_000} seconds`);
  });
});

test("every file that is pointed to is there", async () => {
  for (const name of await readdir(join(root, "docs"))) {
    if (!name.endsWith(".md")) continue;
    const text = await read(`docs/${name}`);
    for (const [, target = ""] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(root, "docs", target)), `${name}: ${target}`).toBe(true);
    for (const [, path = ""] of text.matchAll(/`((?:apps|packages|infra|prisma)\/[\w./-]+)`/g))
      expect(existsSync(join(root, path)) || /\/dist(\/|$)/.test(path), `${name}: ${path}`).toBe(true);
  }
});
