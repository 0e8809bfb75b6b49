import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";

/** A file of the built dashboard, in each coding that the build made of it. */
export interface BuiltFile {
  readonly type: string;
  readonly etag: string;
  /** Its name has a hash of its content in it: it never changes. */
  readonly immutable: boolean;
  readonly plain: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

export interface BuiltDashboard {
  /** With `%CSP_NONCE%` in it. */
  readonly page: string;
  readonly files: ReadonlyMap<string, BuiltFile>;
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
};

const hashedName = /-[A-Z0-9]{8}\.\w+$/;

/** Reads the whole build into memory: it is some megabytes, and never changes while the server runs. Null without one. */
export async function readBuiltDashboard(folder: string): Promise<BuiltDashboard | null> {
  const page = await readFile(join(folder, "index.html"), "utf8").catch(() => null);
  if (page === null) return null;
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, BuiltFile>();
  for (const name of names) {
    const type = types[extname(name)];
    if (type === undefined) continue;
    files.set(`/${name.split(sep).join("/")}`, await readBuiltFile(folder, name, type));
  }
  return { page, files };
}

async function readBuiltFile(folder: string, name: string, type: string): Promise<BuiltFile> {
  const coded = (ending: string) => readFile(join(folder, name + ending)).catch(() => undefined);
  const plain = await readFile(join(folder, name));
  return {
    type,
    etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
    immutable: hashedName.test(name),
    plain,
    br: await coded(".br"),
    gzip: await coded(".gz"),
  };
}
