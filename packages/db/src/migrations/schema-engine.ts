import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as background from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

/** One file of the schema: Prisma reads all of them as one. */
export interface SchemaFile {
  readonly path: string;
  readonly text: string;
}

export interface SchemaEngineHandle extends AsyncDisposable {
  readonly engine: background.SchemaEngine;
}

/**
 * Prisma's adapter cuts a script at every semicolon, also inside the body of a function. The native engine sends a
 * migration whole, as one implicit transaction; so do we.
 */
class WholeScriptPrismaPg extends PrismaPg {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    super(pool);
    this.#pool = pool;
  }

  override async connect(): ReturnType<PrismaPg["connect"]> {
    const adapter = await super.connect();
    adapter.executeScript = async (script: string) => {
      await this.#pool.query(script);
    };
    return adapter;
  }
}

/**
 * Prisma's own migration engine as WebAssembly. The `prisma` command downloads a native engine at its first use, which
 * fails where only the package registry is reachable; this one comes inside a package and writes the same
 * `_prisma_migrations` table, so that `prisma migrate deploy` elsewhere agrees with it.
 *
 * @param databaseUrl `postgresql://…`
 * @param schema the files of the schema
 */
export async function openSchemaEngine(
  databaseUrl: string,
  schema: readonly SchemaFile[],
): Promise<SchemaEngineHandle> {
  const folder = dirname(
    createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg"),
  );
  const bytes = await readFile(join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": unheldTimers(background as unknown as WebAssembly.ModuleImports),
  });
  background.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"] as () => void;
  start();
  // One connection: the engine's advisory lock belongs to the connection that took it.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  const engine = await background.SchemaEngine.new(
    { datamodels: schema.map(({ path, text }) => [path, text]) },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new WholeScriptPrismaPg(pool)),
  );
  return {
    engine,
    async [Symbol.asyncDispose]() {
      engine.free();
      await pool.end();
    },
  };
}

/** The engine never clears the timer of its advisory lock: it would keep the process for ten seconds after the work. */
function unheldTimers(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const name = Object.keys(imports).find((key) => key.startsWith("__wbg_setTimeout_"));
  if (name === undefined) return imports;
  return { ...imports, [name]: (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref() };
}
