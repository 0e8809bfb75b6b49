import { randomBytes } from "node:crypto";
import { Router, type Request, type Response } from "express";
import { contextOf } from "../http/request-context.ts";
import type { BuiltDashboard, BuiltFile } from "./built-files.ts";

/**
 * Where other things are: there the dashboard has no page, whatever the caller accepts. Below `/webhooks` providers call;
 * itself it is a page.
 */
const reserved =
  /^\/(?:api|docs|ws|webhooks\/[^/]+|admin|messages|healthz|readyz|metrics|openapi\.json)(?:\/|$)/;

/**
 * The built dashboard: its files, and its one page at every address that is a page to a browser. Asked before the routes
 * of the API, of which `/jobs` and `/jobs/{id}` are shared: who asks for HTML gets the page, everybody else JSON.
 */
export function createDashboard({ page, files }: BuiltDashboard): Router {
  const router = Router();
  router.get(/.*/, (req, res, next) => {
    const file = files.get(req.path);
    if (file) return sendFile(file, req, res);
    res.vary("Accept");
    if (!wantsPage(req)) return next();
    sendPage(page, req, res);
  });
  return router;
}

function wantsPage(req: Request): boolean {
  if (reserved.test(req.path)) return false;
  // Not for `*/*`: programs that do not say what they want have always got JSON here.
  return /\btext\/html\b/i.test(req.get("accept") ?? "") && req.accepts(["json", "html"]) === "html";
}

function sendPage(page: string, req: Request, res: Response): void {
  contextOf(req).route = "dashboard";
  const nonce = randomBytes(16).toString("base64");
  res
    .set("Cache-Control", "no-store")
    .set("Content-Security-Policy", contentSecurityPolicy(nonce))
    .type("html")
    .send(page.replaceAll("%CSP_NONCE%", nonce));
}

/** Scripts from here alone, none within the page; styles from here, and those that carry this answer's nonce. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types angular",
  ].join("; ");
}

const yearS = 31_536_000;

function sendFile(file: BuiltFile, req: Request, res: Response): void {
  contextOf(req).route = "dashboard";
  res
    .vary("Accept-Encoding")
    .set("ETag", file.etag)
    .set("Cache-Control", file.immutable ? `public, max-age=${yearS}, immutable` : "no-cache")
    .set("Content-Type", file.type);
  if (req.get("if-none-match") === file.etag) return void res.status(304).end();
  // One by one: asked for both, the first that the caller names would win, which is gzip in every browser.
  if (file.br && req.acceptsEncodings("br")) res.set("Content-Encoding", "br").end(file.br);
  else if (file.gzip && req.acceptsEncodings("gzip")) res.set("Content-Encoding", "gzip").end(file.gzip);
  else res.end(file.plain);
}
