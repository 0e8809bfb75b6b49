import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the project. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a TypeScript file of the workspace from its source: what stands before the file's name. */
export const runSource = [process.execPath, "--conditions=source", "--import", "tsx"];

/** A tool that the project installs, run without a shell or npx in between. */
export const tool = (path) => [process.execPath, join(root, "node_modules", path)];

export const exists = (path) => existsSync(join(root, path));

export const readJson = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

// The files called `rest` in the members of the groups (`apps`, `packages`), from the top of the project.
export function workspaceFiles(groups, rest) {
  const found = [];
  for (const group of groups.filter(exists)) {
    for (const name of readdirSync(join(root, group)).sort()) {
      const file = `${group}/${name}/${rest}`;
      if (exists(file)) found.push(file);
    }
  }
  return found;
}

/** Of the contents of the files that exist, and of the names of those that do not. */
export function hashOf(files, ...more) {
  const hash = createHash("sha256");
  for (const file of files)
    hash.update(`${file}\0`).update(exists(file) ? readFileSync(join(root, file)) : "");
  return hash.update(JSON.stringify(more)).digest("hex");
}

const stampFolder = "node_modules/.pregonero";

/** What was true when the step was last done, or undefined. It goes with node_modules, and so does what it stands for. */
export function readStamp(name) {
  const file = `${stampFolder}/${name}`;
  return exists(file) ? readFileSync(join(root, file), "utf8") : undefined;
}

export function writeStamp(name, value) {
  mkdirSync(join(root, stampFolder), { recursive: true });
  writeFileSync(join(root, stampFolder, name), value);
}
