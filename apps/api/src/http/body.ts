import { createHash } from "node:crypto";
import express, { type Request, type Response } from "express";
import type { z } from "zod";
import { ApiProblem } from "./problem.ts";
import { parseInput } from "./issues.ts";

/** Largest JSON body: 100,000 numbers take about 2 MB. */
const jsonLimitBytes = 10 * 1_024 * 1_024;

/** A body that was read and found valid. */
export interface ReadBody<T> {
  readonly value: T;
  /** Of what was sent, for idempotency: two requests with the same digest ask for the same. */
  readonly digest: string;
  /** Removes what reading it left behind (spooled files). */
  dispose?(): Promise<void>;
}

/** How a route takes its body, and how the OpenAPI document tells of it. */
export interface BodyReader<T> {
  readonly content: Readonly<Record<string, z.ZodType>>;
  /** @throws ApiProblem */
  read(req: Request, res: Response): Promise<ReadBody<T>>;
}

const parseJson = express.json({ limit: jsonLimitBytes, strict: false, type: isJson });

function isJson(req: { headers: { "content-type"?: string | undefined } }): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(req.headers["content-type"] ?? "");
}

export function jsonBody<S extends z.ZodType>(schema: S): BodyReader<z.output<S>> {
  return {
    content: { "application/json": schema },
    async read(req, res) {
      const body = await readJson(req, res);
      return { value: parseInput(schema, body, "The body"), digest: digestOf(JSON.stringify(body)) };
    },
  };
}

async function readJson(req: Request, res: Response): Promise<unknown> {
  if (!isJson(req)) {
    throw new ApiProblem(
      "unsupported_media_type",
      "Send the body as JSON, with the header Content-Type: application/json.",
    );
  }
  await new Promise<void>((resolve, reject) => {
    // Express types the error as any; the parser calls back with an Error or nothing.
    parseJson(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("the body could not be read", { cause: error }));
    });
  });
  const body: unknown = req.body;
  return body;
}

export function digestOf(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
