import { z } from "zod";

export type Json = Record<string, unknown>;

const componentPath = "#/components/schemas/";
/** Schemas with an id land in `$defs` (or `definitions`) under it; in the document they are components. */
const definitionPaths = /"#\/(?:\$defs|definitions)\//g;

/** Named schemas of a document, each once. */
export class SchemaComponents {
  readonly #target: "draft-2020-12" | "draft-7";
  readonly #schemas = new Map<string, Json>();

  /** @param target the JSON Schema that the kind of document speaks */
  constructor(target: "draft-2020-12" | "draft-7") {
    this.#target = target;
  }

  get all(): Json {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** A reference to the schema when it has a name, else the schema itself. */
  use(schema: z.ZodType, io: "input" | "output"): Json {
    const json = this.inline(schema, io);
    const id = schema.meta()?.id;
    if (id === undefined) return json;
    // A schema with an id is among its own definitions, and what stands here refers to it already.
    if (json["$ref"] === undefined) this.#add(id, json);
    return { $ref: componentPath + id };
  }

  inline(schema: z.ZodType, io: "input" | "output"): Json {
    const made = z.toJSONSchema(schema, { io, target: this.#target, unrepresentable: "any" });
    const { $schema: _dialect, $defs, definitions, id: _id, ...json } = relocate(made as Json);
    for (const [id, definition] of Object.entries({ ...asJson($defs), ...asJson(definitions) }))
      this.#add(id, asJson(definition));
    return json;
  }

  #add(id: string, definition: Json): void {
    const { id: _id, ...json } = definition;
    this.#schemas.set(id, json);
  }
}

function asJson(value: unknown): Json {
  return (value ?? {}) as Json;
}

/** Rewrites references to definitions into references to components. */
function relocate(json: Json): Json {
  return JSON.parse(JSON.stringify(json).replaceAll(definitionPaths, `"${componentPath}`)) as Json;
}
