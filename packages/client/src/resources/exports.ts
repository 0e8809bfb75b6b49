import type { Export, ExportCreate } from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";

const path = "/api/v1/exports";

/** Reports of jobs as PDF. */
export class Exports {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Asks for one. A worker prints it: `download` has it once it is `completed`. */
  create(wanted: ExportCreate, options?: CreateOptions): Promise<Export> {
    return this.#http.post(path, wanted, options);
  }

  get(id: string, options?: CallOptions): Promise<Export> {
    return this.#http.get(`${path}/${encodeURIComponent(id)}`, {}, options);
  }

  /** The PDF. Fails with 409 while it is not there yet. */
  download(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(`${path}/${encodeURIComponent(id)}/file`, options);
  }
}
