import type {
  Campaign,
  CampaignCreate,
  CampaignCreated,
  CampaignForm,
  CampaignItem,
  CampaignPreview,
  CampaignPreviewForm,
  JobStatus,
  RejectedRow,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import { allPages, type Page, type PageQuery } from "../http/page.ts";

const path = "/api/v1/campaigns";

export interface CampaignsQuery extends PageQuery {
  readonly status?: JobStatus;
  /** A part of the name. */
  readonly name?: string;
}

/** What is said to whom. Creating one creates its job and, unless `start` is false, starts it. */
export class Campaigns {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** Newest first, each with how far it is. */
  list(query: CampaignsQuery = {}, options?: CallOptions): Promise<Page<CampaignItem>> {
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
    const form = formOf(campaign, file, fileName);
    return this.#http.post(path, form, rest);
  }

  /** What a file would come to; nothing is created. */
  preview(
    campaign: CampaignPreviewForm,
    file: Blob,
    options: CallOptions & { readonly fileName?: string } = {},
  ): Promise<CampaignPreview> {
    const { fileName, ...rest } = options;
    return this.#http.post(`${path}/preview`, formOf(campaign, file, fileName), rest);
  }

  rejections(id: string, query: PageQuery = {}, options?: CallOptions): Promise<Page<RejectedRow>> {
    return this.#http.get(`${path}/${encodeURIComponent(id)}/rejections`, { ...query }, options);
  }

  /** What became of each recipient, over all of its jobs, as the text of a CSV file. */
  export(id: string, options?: CallOptions): Promise<string> {
    return this.#http.getText(`${path}/${encodeURIComponent(id)}/export.csv`, options);
  }

  /** The same as an Excel file. */
  exportExcel(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(`${path}/${encodeURIComponent(id)}/export.xlsx`, options);
  }

  /** The rejected rows with their reasons, as the text of a CSV file. */
  exportRejections(id: string, options?: CallOptions): Promise<string> {
    return this.#http.getText(`${path}/${encodeURIComponent(id)}/rejections.csv`, options);
  }

  /** The same as an Excel file. */
  exportRejectionsExcel(id: string, options?: CallOptions): Promise<Blob> {
    return this.#http.getBlob(`${path}/${encodeURIComponent(id)}/rejections.xlsx`, options);
  }

  allRejections(id: string, options?: CallOptions): AsyncGenerator<RejectedRow, void> {
    return allPages((cursor) =>
      this.rejections(id, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }, options),
    );
  }
}

/** Texts as they are, everything else as JSON; the file last, so that the server knows by then what it is for. */
function formOf(fields: object, file: Blob, fileName: string | undefined): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (value !== undefined) form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  form.append("file", file, fileName ?? (file instanceof File ? file.name : "recipients.csv"));
  return form;
}
