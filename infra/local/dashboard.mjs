import { readdirSync } from "node:fs";
import { join } from "node:path";
import { hashOf, root } from "./project.mjs";

const sources = [
  "apps/dashboard/src",
  "apps/dashboard/public",
  "packages/client/src",
  "packages/contracts/src",
  "packages/domain/src",
];
const settings = ["angular.json", "compress.mjs", "package.json", "tsconfig.json"];

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

/** Of all that the dashboard is made of. */
export function dashboardVersion() {
  return hashOf(
    [...sources.flatMap(filesIn), ...settings.map((name) => `apps/dashboard/${name}`)],
    process.version,
  );
}

/** Of all that the library for Angular is made of. */
export function angularVersion() {
  const folders = ["packages/angular/src", "packages/client/src", "packages/contracts/src"];
  const files = ["ng-package.json", "package.json", "tsconfig.json"].map(
    (name) => `packages/angular/${name}`,
  );
  return hashOf([...folders.flatMap(filesIn), ...files], process.version);
}

/** A tool of Angular's, which has a TypeScript of its own and is installed in the dashboard alone. */
export const dashboardTool = (name, path) => [
  process.execPath,
  join(root, "apps/dashboard/node_modules/@angular", name, path),
];
