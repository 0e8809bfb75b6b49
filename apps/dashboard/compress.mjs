/** Puts a brotli and a gzip beside each file of the build: the API serves them as they are. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = fileURLToPath(new URL("dist/", import.meta.url));
const worthIt = /\.(?:js|css|svg|json)$/;

for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, name);
  if (!worthIt.test(name) || !statSync(file).isFile()) continue;
  const content = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
}
