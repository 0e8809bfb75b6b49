import express, { type Request, type Response } from "express";
import { ApiProblem } from "../http/problem.ts";

/** Meta's batches have at most 3 MB. */
const limitBytes = 4 * 1_024 * 1_024;

// Compressed bodies are refused: a signature is of the bytes as they came.
const parseRaw = express.raw({ limit: limitBytes, type: () => true, inflate: false });

/** The bytes of a body. @throws what the framework says of a body that is too large or broken */
export async function readRaw(req: Request, res: Response): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    parseRaw(req, res, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error("the body could not be read", { cause: error }));
    });
  });
  const body: unknown = req.body;
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** @throws ApiProblem 400 */
export function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new ApiProblem("invalid_json", "The body is not valid JSON.");
  }
}

export function notOurs(): ApiProblem {
  return new ApiProblem("invalid_request", "The body is not a notification of this provider.");
}
