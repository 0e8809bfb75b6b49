import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const apps = ["api", "worker", "sandbox"] as const;

interface Instruction {
  readonly name: string;
  readonly rest: string;
  readonly stage: string;
}

/** Instructions with their continued lines joined, each with the stage that it belongs to. */
function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .split("\n")
    .filter((line) => !line.startsWith("#") && line.trim() !== "")
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  let stage = "";
  return lines.map((line) => {
    const [name = "", ...words] = line.split(" ");
    if (name === "FROM") stage = words[2] ?? "";
    return { name, rest: words.join(" "), stage };
  });
}

/** @returns how the check ends beside an app that answers so */
async function healthCheck(script: string, portName: string, status: number): Promise<number | null> {
  const server = createServer((_, response) => response.writeHead(status).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? String(address.port) : "";
  const check = spawn(process.execPath, ["-e", script], { env: { ...process.env, [portName]: port } });
  const [code]: (number | null)[] = await once(check, "exit");
  server.close();
  return code ?? null;
}

describe.each(apps)("the image of %s", (app) => {
  let instructions: Instruction[];
  const of = (name: string, stage?: string) =>
    instructions.filter((one) => one.name === name && (stage === undefined || one.stage === stage));

  beforeAll(async () => {
    instructions = parseDockerfile(await readFile(join(root, `infra/docker/${app}.Dockerfile`), "utf8"));
  });

  test("has nothing but known instructions", () => {
    const known = "ARG FROM ENV RUN WORKDIR COPY USER EXPOSE VOLUME HEALTHCHECK ENTRYPOINT CMD".split(" ");
    for (const { name } of instructions) expect(known).toContain(name);
  });

  test("is of Node 24, and no package or source of the build ends up in it", () => {
    expect(of("ARG")[0]?.rest).toMatch(/^NODE_IMAGE=node:24-/);
    const last = instructions.at(-1)?.stage;
    expect(last).toBe("runtime");
    expect(of("FROM", last)).toEqual([{ name: "FROM", rest: "${NODE_IMAGE} AS runtime", stage: "runtime" }]);
    const installs = of("RUN").filter(({ rest }) => rest.includes("pnpm install"));
    for (const { rest } of installs) expect(rest).toContain("--frozen-lockfile");
    expect(installs.find(({ stage }) => stage === "production")?.rest).toContain(
      `--prod --filter-prod "@pregonero/${app}..."`,
    );
    for (const { rest } of of("COPY", "runtime")) {
      const from = /^--from=(\w+) (\S+) (\S+)$/.exec(rest);
      if (from?.[1] === "build") expect(rest).toBe("--from=build /built ./");
      else expect(from?.[1]).toBe("production");
    }
  });

  test("is built by the pnpm that wrote the lockfile", async () => {
    const { packageManager }: { packageManager: string } = JSON.parse(
      await readFile(join(root, "package.json"), "utf8"),
    );
    expect(of("RUN", "workspace")[0]?.rest).toContain(`npm install --global ${packageManager} `);
  });

  test("does not run as root, and what it writes belongs to its user", () => {
    expect(of("USER", "runtime").at(-1)?.rest).toBe("node");
    const index = (one: Instruction | undefined) => (one ? instructions.indexOf(one) : -1);
    expect(index(of("USER").at(-1))).toBeLessThan(index(of("CMD")[0]));
    const owned = of("RUN", "runtime")
      .map(({ rest }) => rest)
      .join("\n");
    for (const { rest } of of("VOLUME")) expect(owned).toMatch(new RegExp(`chown node:node .*${rest}`));
  });

  test("starts the built app, and is looked after by a health check", async () => {
    const command: string[] = JSON.parse(of("CMD")[0]?.rest ?? "[]");
    expect(command).toEqual(["node", "--enable-source-maps", `apps/${app}/dist/main.js`]);
    expect(existsSync(join(root, `apps/${app}/src/main.ts`))).toBe(true);
    expect(
      of("RUN", "build").some(({ rest }) => rest.includes(`tsc -b`) && rest.includes(`apps/${app}`)),
    ).toBe(true);
    const [, check = ""] = of("HEALTHCHECK")[0]?.rest.split(" CMD ") ?? [];
    const [node, flag, script]: string[] = JSON.parse(check);
    expect([node, flag]).toEqual(["node", "-e"]);
    const port = /process\.env\.(\w+)/.exec(script ?? "")?.[1] ?? "none";
    const set = Object.fromEntries(
      of("ENV", "runtime").flatMap(({ rest }) =>
        [...rest.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
      ),
    );
    expect(set[port]).toBe(of("EXPOSE")[0]?.rest);
    expect(await healthCheck(script ?? "", port, 200)).toBe(0);
    expect(await healthCheck(script ?? "", port, 503)).toBe(1);
  });
});

test("the worker's image has the Chromium that it is told to use", async () => {
  const text = await readFile(join(root, "infra/docker/worker.Dockerfile"), "utf8");
  expect(text).toMatch(/apt-get install .*--no-install-recommends chromium /);
  expect(text).toContain("PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium");
});

test("what is secret, built or fetched never enters a build", async () => {
  const ignored = (await readFile(join(root, ".dockerignore"), "utf8")).split("\n");
  for (const wanted of [".git", ".env", ".data", "**/node_modules", "**/dist"])
    expect(ignored).toContain(wanted);
});
