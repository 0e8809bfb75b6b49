import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const src = join(import.meta.dirname, "../src");

test("nothing but its own files ends up in a bundle: other packages are imported as types", async () => {
  const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    const text = await readFile(join(src, name), "utf8");
    const foreign = [...text.matchAll(/^(?:import|export)\b[^;]*?from "([^".][^"]*)"/gms)];
    for (const [statement] of foreign) expect(statement, name).toMatch(/^(?:import|export) type\b/);
    expect(text, name).not.toMatch(/\bimport\("[^.]|\bprocess\.|\bBuffer\b|"node:/);
  }
});
