import { problemSchema, problemStatus, type ProblemCode } from "@pregonero/contracts";
import { z } from "zod";
import { problemTitle } from "./problem.ts";
import type { Route } from "./route.ts";

type Json = Record<string, unknown>;

const componentPath = "#/components/schemas/";
/** Schemas with an id land in `$defs` under it; in the document they are components. */
const definitionPath = "#/$defs/";

/** The OpenAPI 3.1 document of the routes. Nothing in it is written by hand that the routes say. */
export function openApiDocument(routes: readonly Route[], info: { version: string }): Json {
  const components = new Components();
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operation(route, components) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Pregonero",
      version: info.version,
      description:
        "WhatsApp campaigns from many numbers at once. Errors are application/problem+json. Lists are paged: pass `next_cursor` as `cursor`.",
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.all,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key (pgn_…) or a JWT." },
        apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  };
}

function operation(route: Route, components: Components): Json {
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, `Least role: ${route.role}.`].filter(Boolean).join("\n\n"),
    parameters: [
      ...parameters(route.params, "path", components),
      ...parameters(route.query, "query", components),
      ...(route.idempotent ? [idempotencyHeader] : []),
    ],
    ...(route.body ? { requestBody: requestBody(route.body.content, components) } : {}),
    responses: { ...answers(route, components), ...problems(route, components) },
  };
}

const idempotencyHeader: Json = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Repeating a call with the same key creates nothing twice: the first answer comes back. Kept for 24 h.",
  schema: { type: "string", maxLength: 255 },
};

function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== "" && !["api", "v"].includes(word));
  return (
    method +
    words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") +
    (path.startsWith("/api/") ? "" : "Compat")
  );
}

function parameters(schema: z.ZodType | undefined, place: "path" | "query", components: Components): Json[] {
  if (!schema) return [];
  const json = components.inline(schema, "input");
  const required = new Set(Array.isArray(json["required"]) ? json["required"] : []);
  return Object.entries(json["properties"] ?? {}).map(([name, property]: [string, Json]) => {
    const { description, ...rest } = property;
    const described = description === undefined ? {} : { description };
    return { name, in: place, required: place === "path" || required.has(name), ...described, schema: rest };
  });
}

function requestBody(content: Readonly<Record<string, z.ZodType>>, components: Components): Json {
  const types = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: components.use(schema, "input") },
  ]);
  return { required: true, content: Object.fromEntries(types) as Json };
}

function answers(route: Route, components: Components): Json {
  const entries = Object.entries(route.responses).map(([status, schema]) => {
    const description = status === "202" ? "Accepted" : schema === null ? "Done" : "OK";
    if (schema === null) return [status, { description }] as const;
    return [
      status,
      {
        description,
        content: { [route.produces ?? "application/json"]: { schema: components.use(schema, "output") } },
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function problems(route: Route, components: Components): Json {
  const codes = new Set<ProblemCode>(["unauthenticated", "too_many_requests", ...(route.problems ?? [])]);
  if (route.role !== "viewer") codes.add("forbidden");
  if (route.params) codes.add("not_found");
  if (route.query) codes.add("validation_failed");
  if (route.body) for (const code of bodyProblems) codes.add(code);
  if (route.idempotent) for (const code of idempotencyProblems) codes.add(code);
  const byStatus = new Map<string, ProblemCode[]>();
  for (const code of codes) {
    const status = String(problemStatus[code]);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { "application/problem+json": { schema: components.use(problemSchema, "output") } };
  const described = (some: readonly ProblemCode[]): string =>
    some.map((code) => `\`${code}\`: ${problemTitle(code)}`).join("; ");
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => [status, { description: described(some), content }]),
  );
}

const bodyProblems: readonly ProblemCode[] = [
  "invalid_json",
  "too_large",
  "unsupported_media_type",
  "validation_failed",
];
const idempotencyProblems: readonly ProblemCode[] = ["request_in_progress", "idempotency_key_reused"];

/** Named schemas of the document, each once. */
class Components {
  readonly #schemas = new Map<string, Json>();

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
    const { $schema: _dialect, $defs = {}, id: _id, ...json } = relocate(toJsonSchema(schema, io));
    for (const [id, definition] of Object.entries($defs as Record<string, Json>)) this.#add(id, definition);
    return json;
  }

  #add(id: string, definition: Json): void {
    const { id: _id, ...json } = definition;
    this.#schemas.set(id, json);
  }
}

function toJsonSchema(schema: z.ZodType, io: "input" | "output"): Json {
  return z.toJSONSchema(schema, { io, target: "draft-2020-12", unrepresentable: "any" });
}

/** Rewrites references to definitions into references to components. */
function relocate(json: Json): Json {
  return JSON.parse(JSON.stringify(json).replaceAll(`"${definitionPath}`, `"${componentPath}`)) as Json;
}
