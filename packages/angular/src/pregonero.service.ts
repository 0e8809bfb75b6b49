import { inject, Injectable } from "@angular/core";
import type { PregoneroClient } from "@pregonero/client";
import { observed, type Observed } from "./observed";
import { PREGONERO_CLIENT } from "./provide-pregonero";

type Part<K extends keyof PregoneroClient> = Observed<PregoneroClient[K]>;

/** The REST API as Observables, part by part. Errors are `PregoneroError` of @pregonero/client. */
@Injectable({ providedIn: "root" })
export class PregoneroService {
  readonly #client = inject(PREGONERO_CLIENT);
  readonly conversations: Part<"conversations"> = observed(this.#client.conversations);
  readonly contacts: Part<"contacts"> = observed(this.#client.contacts);
  readonly media: Part<"media"> = observed(this.#client.media);
  readonly messages: Part<"messages"> = observed(this.#client.messages);
  readonly jobs: Part<"jobs"> = observed(this.#client.jobs);
  readonly campaigns: Part<"campaigns"> = observed(this.#client.campaigns);
  readonly templates: Part<"templates"> = observed(this.#client.templates);
  readonly devices: Part<"devices"> = observed(this.#client.devices);
  readonly stats: Part<"stats"> = observed(this.#client.stats);
  readonly bot: Part<"bot"> = observed(this.#client.bot);
  readonly schedules: Part<"schedules"> = observed(this.#client.schedules);
  readonly suppressions: Part<"suppressions"> = observed(this.#client.suppressions);
  readonly webhooks: Part<"webhooks"> = observed(this.#client.webhooks);
}
