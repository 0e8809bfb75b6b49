import { problemSchema, problemStatus, type ProblemCode } from "@pregonero/contracts";
import type { z } from "zod";
import { problemTitle } from "./problem.ts";
import type { Route } from "./route.ts";
import { SchemaComponents, type Json } from "./schema-components.ts";

/** The OpenAPI 3.1 document of the routes. Nothing in it is written by hand that the routes say. */
export function openApiDocument(routes: readonly Route[], info: { version: string }): Json {
  const components = new SchemaComponents("draft-2020-12");
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

function operation(route: Route, components: SchemaComponents): Json {
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

function operationId({ method, path, tag }: Route): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== "" && !["api", "v"].includes(word));
  return (
    method +
    words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") +
    // A contract whose paths differ from the native ones in the version alone.
    (tag === "Batch jobs" ? "Batch" : path.startsWith("/api/") ? "" : "Compat")
  );
}

function parameters(
  schema: z.ZodType | undefined,
  place: "path" | "query",
  components: SchemaComponents,
): Json[] {
  if (!schema) return [];
  const json = components.inline(schema, "input");
  const required = new Set(Array.isArray(json["required"]) ? json["required"] : []);
  return Object.entries(json["properties"] ?? {}).map(([name, property]: [string, Json]) => {
    const { description, ...rest } = property;
    const described = description === undefined ? {} : { description };
    return { name, in: place, required: place === "path" || required.has(name), ...described, schema: rest };
  });
}

function requestBody(content: Readonly<Record<string, z.ZodType>>, components: SchemaComponents): Json {
  const types = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: components.use(schema, "input") },
  ]);
  return { required: true, content: Object.fromEntries(types) as Json };
}

function answers(route: Route, components: SchemaComponents): Json {
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

function problems(route: Route, components: SchemaComponents): Json {
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
