import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { foreground, Stop } from "./processes.mjs";
import { root, runSource, workspaceFiles } from "./project.mjs";

function benches() {
  const folders = workspaceFiles(["apps", "packages"], "bench");
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  );
  return new Map(files.filter((file) => file.endsWith(".ts")).map((file) => [basename(file, ".ts"), file]));
}

/** Runs the file `bench/NAME.ts` of an app or package within a stack in a temporary folder; lists them without a name. */
export async function bench([name, ...args]) {
  const known = benches();
  if (name === undefined) {
    console.log(
      ["npm run bench -- NAME, where NAME is one of:", ...[...known.keys()].map((key) => `  ${key}`)].join(
        "\n",
      ),
    );
    return 0;
  }
  const file = known.get(name);
  if (file === undefined)
    throw new Stop(`There is no bench called ${name}. There are: ${[...known.keys()].join(", ")}`);
  const stack = [...runSource, "packages/local-stack/src/main.ts", "exec", "--temporary", "--"];
  return foreground([...stack, ...runSource, file, ...args]);
}
