import type { ProblemCode } from "@pregonero/contracts";
import busboy, { type Busboy } from "busboy";
import type { Request } from "express";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { uuidv7 } from "@pregonero/db";
import { ApiProblem } from "../http/problem.ts";
import { FileInspector, type FileFacts } from "./file-inspector.ts";
import { fileTooLarge, type IntakeLimits } from "./limits.ts";

/** A form as it was sent: its text parts, and its file, which lies on disk until `dispose`. */
export interface SpooledForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: SpooledFile | null;
  dispose(): Promise<void>;
}

export interface SpooledFile extends FileFacts {
  readonly path: string;
  readonly name: string;
  /** As its sender says. */
  readonly contentType: string;
}

export interface SpoolOptions {
  readonly dir: string;
  /** The name of the part with the file. */
  readonly part: string;
  readonly limits: IntakeLimits;
}

/** The text parts of a form are small next to its file. */
const formSlackBytes = 2 * 1_024 * 1_024;
const fieldBytes = 512 * 1_024;

/**
 * Takes a multipart form off the wire. The file goes to disk as it comes: a slow client holds neither memory nor a
 * transaction, and text parts may follow it. A form that fails leaves nothing behind.
 * @throws ApiProblem
 */
export async function spoolForm(req: Request, options: SpoolOptions): Promise<SpooledForm> {
  const { maxFileBytes } = options.limits;
  if (Number(req.get("content-length") ?? 0) > maxFileBytes + formSlackBytes)
    throw fileTooLarge(options.limits);
  const path = join(options.dir, `${uuidv7()}.upload`);
  const dispose = (): Promise<void> => rm(path, { force: true });
  try {
    return { ...(await receive(req, openForm(req, maxFileBytes), path, options)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function openForm(req: Request, maxFileBytes: number): Busboy {
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: "utf8",
      limits: { fileSize: maxFileBytes, files: 1, fields: 100, fieldSize: fieldBytes, fieldNameSize: 200 },
    });
  } catch {
    throw brokenForm();
  }
}

async function receive(
  req: Request,
  form: Busboy,
  path: string,
  { part, limits }: SpoolOptions,
): Promise<Omit<SpooledForm, "dispose">> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  let file: { readonly stream: Readable; readonly stored: Promise<SpooledFile> } | undefined;

  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (code: ProblemCode, detail: string): void => reject(new ApiProblem(code, detail));
      form.on("field", (name, value, info) => {
        if (info.valueTruncated) fail("too_large", `The field ${name} is too long.`);
        else fields[name] = value;
      });
      form.on("file", (name, stream, info) => {
        stream.once("limit", () => reject(fileTooLarge(limits)));
        const stored = store(stream, path, { name: info.filename ?? "file", contentType: info.mimeType });
        // A full disk ends it at once.
        stored.catch(reject);
        file = { stream, stored };
        if (name !== part)
          fail("validation_failed", `The file must be in the part "${part}", not "${name}".`);
      });
      form.once("filesLimit", () => fail("validation_failed", "Send one file at a time."));
      form.once("close", resolve);
      form.once("error", () => reject(brokenForm()));
      req.once("error", () => reject(brokenForm()));
      req.once("close", () => void (req.complete || reject(brokenForm())));
      req.pipe(form);
    });
    return { fields, file: (await file?.stored) ?? null };
  } catch (error) {
    await giveUp(req, form, file);
    throw error;
  }
}

/** Stops in the middle of a form. The form itself is not destroyed: its parser does not survive that while at work. */
async function giveUp(
  req: Request,
  form: Busboy,
  file: { readonly stream: Readable; readonly stored: Promise<SpooledFile> } | undefined,
): Promise<void> {
  req.unpipe(form);
  form.on("error", () => undefined);
  file?.stream.on("error", () => undefined);
  // With an error: a stream that has all of its data but has not said so ends without a word otherwise, and what reads
  // from it waits for ever.
  file?.stream.destroy(brokenForm());
  await file?.stored.catch(() => undefined);
}

async function store(
  stream: Readable,
  path: string,
  said: { name: string; contentType: string },
): Promise<SpooledFile> {
  const inspector = new FileInspector();
  await pipeline(stream, inspector, createWriteStream(path));
  return { path, ...said, ...inspector.facts() };
}

function brokenForm(): ApiProblem {
  return new ApiProblem(
    "invalid_request",
    "The form is broken: it ended too early, or is not multipart/form-data with a boundary.",
  );
}
