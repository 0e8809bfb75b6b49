import type { FetchedFile } from "./messages.ts";
import type { Wpp } from "./wpp.ts";

export interface Files {
  /** Adds to a file that goes out, in base64; each part but the last must be a multiple of three bytes. */
  add(name: string, base64: string): boolean;
  has(name: string): boolean;
  /** All of it, in base64; it is forgotten. */
  take(name: string): string;
  drop(name: string): boolean;
  fetch(key: string): Promise<FetchedFile>;
  /** In base64. */
  read(name: string, from: number, length: number): Promise<string>;
}

/**
 * Files on their way between the worker and the page, in parts: one message of the DevTools protocol does not carry
 * many megabytes well. Runs in the page (see page-script.ts: it can use nothing but its arguments and what a page has).
 */
export function createFiles(wpp: Wpp): Files {
  const outgoing = new Map<string, string[]>();
  const fetched = new Map<string, Blob>();
  let last = 0;

  const add = (name: string, base64: string): boolean => {
    const parts = outgoing.get(name) ?? [];
    parts.push(base64);
    outgoing.set(name, parts);
    return true;
  };
  const take = (name: string): string => {
    const parts = outgoing.get(name) ?? [];
    outgoing.delete(name);
    return parts.join("");
  };
  const drop = (name: string): boolean => outgoing.delete(name) || fetched.delete(name);

  const fetch = async (key: string): Promise<FetchedFile> => {
    try {
      const blob: unknown = await wpp.chat.downloadMedia(key);
      // wa-js resolves with an error in an object when WhatsApp has not got it.
      if (!(blob instanceof Blob)) return { state: "missing", detail: "WhatsApp has no such file" };
      last += 1;
      const name = `fetched ${last}`;
      fetched.set(name, blob);
      return { state: "ready", name, contentType: blob.type, bytes: blob.size };
    } catch (error) {
      return { state: "missing", detail: error instanceof Error ? error.message : String(error) };
    }
  };

  const read = async (name: string, from: number, length: number): Promise<string> => {
    const part = fetched.get(name)?.slice(from, from + length);
    if (part === undefined) throw new Error("no such file");
    const bytes = new Uint8Array(await part.arrayBuffer());
    const step = 8_192;
    let binary = "";
    for (let at = 0; at < bytes.length; at += step) {
      binary += String.fromCharCode(...bytes.subarray(at, at + step));
    }
    return btoa(binary);
  };

  return { add, has: (name) => outgoing.has(name), take, drop, fetch, read };
}
