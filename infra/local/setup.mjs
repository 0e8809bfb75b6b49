import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { angularVersion, dashboardTool, dashboardVersion } from "./dashboard.mjs";
import { quietly } from "./processes.mjs";
import {
  exists,
  hashOf,
  readJson,
  readStamp,
  root,
  runSource,
  tool,
  workspaceFiles,
  writeStamp,
} from "./project.mjs";

const say = (line) => console.error(line);

async function once(name, value, alsoNeeded, step) {
  if (alsoNeeded && readStamp(name) === value) return;
  await step();
  writeStamp(name, value);
}

/** The packages of the lockfile. */
export async function install() {
  const manifests = workspaceFiles(["apps", "packages"], "package.json");
  const value = hashOf(
    ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests],
    process.version,
  );
  await once("install", value, exists("node_modules/.pnpm"), async () => {
    say("Installing packages …");
    // Not from the PATH: the version is the one that wrote the lockfile. CI: asks nothing.
    const pnpm = ["npx", "--yes", readJson("package.json").packageManager];
    const env = { CI: "true", PUPPETEER_SKIP_DOWNLOAD: "1", npm_config_loglevel: "error" };
    await quietly("Installing packages", [...pnpm, "install", "--frozen-lockfile"], { env });
  });
}

const schemaFiles = () => readdirSync(join(root, "prisma/schema")).map((name) => `prisma/schema/${name}`);

/** Prisma's client, from prisma/schema. */
export async function generate({ force = false } = {}) {
  const value = hashOf([...schemaFiles(), "prisma.config.ts", "node_modules/prisma/package.json"]);
  await once("generate", value, !force && exists("packages/db/src/generated"), async () => {
    // Generating needs no schema engine, but Prisma would download one all the same.
    const nothing = ["/bin/true", "/usr/bin/true"].find((file) => existsSync(file)) ?? "true";
    const env = {
      PRISMA_SCHEMA_ENGINE_BINARY: nothing,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    };
    await quietly("prisma generate", [...tool("prisma/build/index.js"), "generate"], { env });
  });
}

const programSettings = ["PATH", "PUPPETEER_EXECUTABLE_PATH", "REDIS_SERVER_PATH", "REDIS_URL", "REDIS_HOST"];

async function systemPackages() {
  const settings = programSettings.map((name) => process.env[name] ?? "");
  const known = JSON.parse(readStamp("programs") ?? "{}");
  const paths = Object.values(known.programs ?? {});
  if (JSON.stringify(known.settings) === JSON.stringify(settings) && paths.every((path) => existsSync(path)))
    return;
  const command = [...runSource, "packages/local-stack/src/main.ts", "packages"];
  const output = await quietly("Looking for Redis and Chromium", command, { showErrors: true });
  const programs = JSON.parse(output.trim().split("\n").at(-1));
  writeStamp("programs", JSON.stringify({ settings, programs }));
}

/** What running anything from source needs. Less than a second when nothing has changed. */
export async function prepare() {
  await install();
  await generate();
  await systemPackages();
}

/** What the API serves to browsers. It takes half a minute, so it is done only when what it is made of has changed. */
export async function buildDashboard() {
  await once("dashboard", dashboardVersion(), exists("apps/dashboard/dist/index.html"), async () => {
    say("Building the dashboard …");
    const folder = "apps/dashboard";
    const env = { NG_CLI_ANALYTICS: "false" };
    await quietly("The build of the dashboard", [...dashboardTool("cli", "bin/ng.js"), "build"], {
      folder,
      env,
    });
    await quietly("The build of the dashboard", [process.execPath, "compress.mjs"], { folder });
  });
}

/** Angular's templates have types too, which only its own compiler knows. */
export async function checkDashboard() {
  await once("dashboard-types", dashboardVersion(), true, () =>
    quietly(
      "The types of the dashboard",
      [...dashboardTool("compiler-cli", "bundles/src/bin/ngc.js"), "--project", "tsconfig.json", "--noEmit"],
      { folder: "apps/dashboard" },
    ),
  );
}

/** The library for Angular, in packages/angular/dist: nothing here runs it, so only those build it who want it. */
export async function buildAngular() {
  await once("angular", angularVersion(), exists("packages/angular/dist/package.json"), async () => {
    say("Building the library for Angular …");
    await quietly("The build of the client", [...tool("typescript/bin/tsc"), "-b", "packages/client"]);
    const packagr = join(root, "packages/angular/node_modules/ng-packagr/src/cli/main.js");
    const command = [process.execPath, packagr, "-p", "ng-package.json", "-c", "tsconfig.json"];
    await quietly("The build of the library for Angular", command, { folder: "packages/angular" });
  });
}

/** What running the build needs. */
export async function build() {
  await prepare();
  if (!exists("apps/local/dist/main.js")) say("Building …");
  await quietly("The build", [...tool("typescript/bin/tsc"), "-b"]);
  await buildDashboard();
}
