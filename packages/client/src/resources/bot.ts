import type {
  BotRule,
  BotRuleCreate,
  BotRulePatch,
  BotStatus,
  ChatSettings,
  ChatSettingsPatch,
} from "@pregonero/contracts";
import type { CallOptions, CreateOptions, Http } from "../http/http.ts";
import type { Page, PageQuery } from "../http/page.ts";

const rulesPath = "/api/v1/bot/rules";
const rulePath = (id: string) => `${rulesPath}/${encodeURIComponent(id)}`;

/** Answers by rules, where a device's bot is on and no person has taken over. */
export class Bot {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  settings(options?: CallOptions): Promise<ChatSettings> {
    return this.#http.get("/api/v1/bot/settings", {}, options);
  }

  patchSettings(patch: ChatSettingsPatch, options?: CallOptions): Promise<ChatSettings> {
    return this.#http.patch("/api/v1/bot/settings", patch, options);
  }

  /** Each device's. */
  async status(options?: CallOptions): Promise<BotStatus[]> {
    return (await this.#http.get<{ items: BotStatus[] }>("/api/v1/bot/devices", {}, options)).items;
  }

  turn(deviceId: number, enabled: boolean, options?: CallOptions): Promise<BotStatus> {
    return this.#http.put(`/api/v1/bot/devices/${deviceId}`, { enabled }, options);
  }

  /** In the order in which they are asked. */
  rules(query: PageQuery = {}, options?: CallOptions): Promise<Page<BotRule>> {
    return this.#http.get(rulesPath, { ...query }, options);
  }

  addRule(rule: BotRuleCreate, options?: CreateOptions): Promise<BotRule> {
    return this.#http.post(rulesPath, rule, options);
  }

  patchRule(id: string, patch: BotRulePatch, options?: CallOptions): Promise<BotRule> {
    return this.#http.patch(rulePath(id), patch, options);
  }

  deleteRule(id: string, options?: CallOptions): Promise<void> {
    return this.#http.delete(rulePath(id), options);
  }
}
