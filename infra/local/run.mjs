/** Behind every script in package.json: makes the machine ready, as far as needed, and does what it is told to. */
import { bench } from "./bench.mjs";
import { database } from "./database.mjs";
import { checkNodeVersion } from "./node-version.mjs";
import { foreground, Stop } from "./processes.mjs";
import { readJson } from "./project.mjs";
import { build, buildAngular, buildDashboard, checkDashboard, generate, install, prepare } from "./setup.mjs";
import { test } from "./test.mjs";

const app = (command) => async (args) => {
  await build();
  return foreground([process.execPath, "--enable-source-maps", "apps/local/dist/main.js", command, ...args]);
};

const commands = {
  // The packages alone: what the static checks need.
  install: async () => {
    await install();
    await generate();
    return 0;
  },
  setup: async () => {
    await build();
    console.log("Everything is in place. `npm run demo` shows it at work, `npm start` starts it empty.");
    return 0;
  },
  demo: app("demo"),
  start: app("start"),
  reset: app("reset"),
  screenshots: app("screenshots"),
  // The dashboard alone, built or its types checked.
  dashboard: async ([what]) => {
    await (what === "types" ? checkDashboard() : buildDashboard());
    return 0;
  },
  // The library for Angular alone.
  angular: async () => {
    await prepare();
    await buildAngular();
    return 0;
  },
  test: async (args) => {
    await prepare();
    // Only the tests of the whole product look at it.
    if (args.length === 0 || args.some((arg) => arg.includes("local"))) await buildDashboard();
    return test(args);
  },
  bench: async (args) => {
    await prepare();
    return bench(args);
  },
  chaos: async (args) => {
    await build();
    return foreground([process.execPath, "--enable-source-maps", "apps/chaos/dist/main.js", ...args]);
  },
  "db:generate": async () => {
    await install();
    await generate({ force: true });
    return 0;
  },
};

for (const command of ["diff", "migrate", "seed", "studio"]) {
  commands[`db:${command}`] = async (args) => {
    await prepare();
    return database(command, args);
  };
}

async function main([name, ...args]) {
  checkNodeVersion(readJson("package.json").engines.node);
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
  if (command === undefined)
    throw new Stop(`Usage: node infra/local/run.mjs ${Object.keys(commands).join("|")} [arguments]`);
  return command(args);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message !== "") console.error(error.message);
  process.exitCode = 1;
}
