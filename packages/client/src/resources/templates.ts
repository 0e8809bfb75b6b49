import type {
  SendAccepted,
  Template,
  templateCreateSchema,
  templatePatchSchema,
  TemplatePreview,
  TemplatePreviewRequest,
  TemplateTestSend,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { InputOf } from "../http/input.ts";
import type { Page, PageQuery } from "../http/page.ts";

const path = (id: string, action = "") => `/api/v1/templates/${encodeURIComponent(id)}${action}`;

/** Stored texts with holes. */
export class Templates {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<Template>> {
    return this.#http.get("/api/v1/templates", { ...query }, options);
  }

  get(id: string, options?: CallOptions): Promise<Template> {
    return this.#http.get(path(id), {}, options);
  }

  create(template: InputOf<typeof templateCreateSchema>, options?: CreateOptions): Promise<Template> {
    return this.#http.post("/api/v1/templates", template, options);
  }

  update(id: string, changes: InputOf<typeof templatePatchSchema>, options?: CallOptions): Promise<Template> {
    return this.#http.patch(path(id), changes, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(path(id), options);
  }

  /** The text as a recipient with these values would get it. */
  preview(
    id: string,
    variables: TemplatePreviewRequest["variables"],
    options?: CallOptions,
  ): Promise<TemplatePreview> {
    return this.#http.post(path(id, "/preview"), { variables }, options);
  }

  /** Sends the template to one number, as a campaign through that device would. */
  testSend(id: string, send: TemplateTestSend, options?: CreateOptions): Promise<SendAccepted> {
    return this.#http.post(path(id, "/test-send"), send, options);
  }
}
