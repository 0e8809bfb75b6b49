import type {
  Campaign,
  CampaignCreate,
  CampaignCreated,
  CampaignForm,
  RejectedRow,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

const path = "/api/v1/campaigns";

/** What is said to whom. Creating one creates its job and, unless `start` is false, starts it. */
export class Campaigns {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  list(query: PageQuery = {}, options?: CallOptions): Promise<Page<Campaign>> {
    return this.#http.get(path, { ...query }, options);
  }

  /** By id or slug. */
  get(id: string, options?: CallOptions): Promise<Campaign> {
    return this.#http.get(`${path}/${encodeURIComponent(id)}`, {}, options);
  }

  /** With the recipients in the call. Resolves when every message is stored. */
  create(campaign: CampaignCreate, options?: CreateOptions): Promise<CampaignCreated> {
    return this.#http.post(path, campaign, options);
  }

  /** With the recipients in a CSV file. Resolves when every message is stored; rejected rows are in the answer. */
  createFromFile(
    campaign: CampaignForm,
    file: Blob,
    options: CreateOptions & { readonly fileName?: string } = {},
  ): Promise<CampaignCreated> {
    const { fileName, ...rest } = options;
    const form = new FormData();
    for (const [name, value] of Object.entries(campaign)) {
      if (value !== undefined) form.append(name, typeof value === "string" ? value : JSON.stringify(value));
    }
    form.append("file", file, fileName ?? (file instanceof File ? file.name : "recipients.csv"));
    return this.#http.post(path, form, rest);
  }

  rejections(id: string, query: PageQuery = {}, options?: CallOptions): Promise<Page<RejectedRow>> {
    return this.#http.get(`${path}/${encodeURIComponent(id)}/rejections`, { ...query }, options);
  }

  allRejections(id: string, options?: CallOptions): AsyncGenerator<RejectedRow, void> {
    return allPages((cursor) =>
      this.rejections(id, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }
}
