import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { testApi } from "./support/suite.ts";

const app = testApi();

interface Operation {
  readonly operationId: string;
  readonly parameters: { name: string; in: string; required: boolean }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<string, unknown>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, unknown> };
}

const read = async (): Promise<Document> =>
  (await app().call<Document>("GET", "/openapi.json", { key: null })).body;

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const document = await read();
    expect(document.openapi).toMatch(/^3\.1\./);
    const result = await new Validator().validate({ ...document });
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  test("has every route, with its parameters, its bodies, its answers and its problems", async () => {
    const { paths } = await read();
    const ids = new Set<string>();
    for (const route of app().api.routes) {
      const operation = paths[route.path]?.[route.method];
      expect(operation, `${route.method} ${route.path}`).toBeDefined();
      if (!operation) continue;
      ids.add(operation.operationId);
      const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(operation.parameters.filter((p) => p.in === "path").map((p) => p.name)).toEqual(inPath);
      expect(Object.keys(operation.requestBody?.content ?? {})).toEqual(
        Object.keys(route.body?.content ?? {}),
      );
      for (const status of [...Object.keys(route.responses), "401"])
        expect(operation.responses).toHaveProperty(status);
    }
    expect(ids.size).toBe(app().api.routes.length);
  });

  test("refers to nothing that it does not have, and leaves nothing unused", async () => {
    const document = await read();
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(text).not.toContain("$defs");
  });

  test("the page that shows it needs nothing from elsewhere and no script within it", async () => {
    const page = await fetch(`${app().url}/docs`);
    const html = await page.text();
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|https?:\/\/|\sstyle=|\son\w+=/);
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await fetch(app().url + String(path))).status, path).toBe(200);
    }
  });
});
