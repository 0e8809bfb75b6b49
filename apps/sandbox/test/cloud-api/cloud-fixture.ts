import { z } from "zod";
import { call, type HttpAnswer } from "../harness/http.ts";
import { openSandbox, type TestSandbox, type TestSandboxOptions } from "../harness/sandbox.ts";
import { WebhookReceiver, type Answering } from "../harness/webhook-receiver.ts";

export const phoneNumberId = "106540352242922";
export const phone = "34600123456";
export const recipient = "34611111111";
export const appSecret = "app secret";
export const verifyToken = "verify me";
export const accessToken = "EAAtoken";

const statusSchema = z.strictObject({
  id: z.string(),
  status: z.enum(["sent", "delivered", "read", "failed"]),
  timestamp: z.string().regex(/^\d{10}$/),
  recipient_id: z.string(),
  biz_opaque_callback_data: z.string().optional(),
  errors: z
    .array(
      z.object({
        code: z.number(),
        title: z.string(),
        message: z.string(),
        error_data: z.object({ details: z.string() }),
      }),
    )
    .optional(),
});

const valueSchema = z.strictObject({
  messaging_product: z.literal("whatsapp"),
  metadata: z.strictObject({ display_phone_number: z.string(), phone_number_id: z.string() }),
  statuses: z.array(statusSchema).optional(),
  contacts: z.array(z.object({ profile: z.object({ name: z.string() }), wa_id: z.string() })).optional(),
  messages: z.array(z.record(z.string(), z.unknown())).optional(),
});

const envelopeSchema = z.strictObject({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(
    z.strictObject({
      id: z.string(),
      changes: z.array(z.strictObject({ field: z.literal("messages"), value: valueSchema })),
    }),
  ),
});

export type CloudStatus = z.output<typeof statusSchema>;

export const acceptedSchema = z.strictObject({
  messaging_product: z.literal("whatsapp"),
  contacts: z.tuple([z.strictObject({ input: z.string(), wa_id: z.string() })]),
  messages: z.tuple([z.strictObject({ id: z.string(), message_status: z.literal("accepted") })]),
});

export const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    code: z.number(),
    error_subcode: z.number().optional(),
    error_data: z.object({ messaging_product: z.literal("whatsapp"), details: z.string() }).optional(),
    fbtrace_id: z.string().min(1),
  }),
});

export const idOf = (answer: HttpAnswer): string => acceptedSchema.parse(answer.body).messages[0].id;
export const codeOf = (answer: HttpAnswer): number => errorSchema.parse(answer.body).error.code;

export const text = (body: string, over: Readonly<Record<string, unknown>> = {}) => ({
  messaging_product: "whatsapp",
  recipient_type: "individual",
  to: recipient,
  type: "text",
  text: { preview_url: false, body },
  ...over,
});

export interface CloudFixtureOptions extends TestSandboxOptions {
  /** Changes of the registration. */
  readonly account?: Readonly<Record<string, unknown>>;
  readonly answering?: Answering;
}

/** A sandbox with one number registered, a receiver for its webhooks, and a caller with its token. */
export class CloudFixture implements AsyncDisposable {
  readonly sandbox: TestSandbox;
  readonly receiver: WebhookReceiver;

  private constructor(sandbox: TestSandbox, receiver: WebhookReceiver) {
    this.sandbox = sandbox;
    this.receiver = receiver;
  }

  static async open({ account, answering, ...options }: CloudFixtureOptions = {}): Promise<CloudFixture> {
    const receiver = await WebhookReceiver.open(answering);
    const fixture = new CloudFixture(await openSandbox(options), receiver);
    await fixture.register(account);
    return fixture;
  }

  async register(over: Readonly<Record<string, unknown>> = {}, id = phoneNumberId): Promise<void> {
    await this.sandbox.control.ok("PUT", `/cloud/accounts/${id}`, {
      phone,
      access_token: accessToken,
      app_secret: appSecret,
      verify_token: verifyToken,
      webhook_url: this.receiver.url,
      ...over,
    });
  }

  async faults(cloud: Readonly<Record<string, unknown>>): Promise<void> {
    await this.sandbox.control.faults({ cloud });
  }

  post(
    body: unknown,
    over: { readonly id?: string; readonly token?: string | null; readonly signal?: AbortSignal } = {},
  ) {
    const { id = phoneNumberId, token = accessToken, signal } = over;
    return call({
      method: "POST",
      url: `${this.sandbox.url}/cloud/v24.0/${id}/messages`,
      authorization: token === null ? undefined : `Bearer ${token}`,
      body,
      signal,
    });
  }

  get(path: string, token: string = accessToken) {
    return call({
      method: "GET",
      url: `${this.sandbox.url}/cloud/v24.0/${path}`,
      authorization: `Bearer ${token}`,
    });
  }

  /** Texts in the ledger, in the order of their arrival. */
  async arrived(): Promise<string[]> {
    const { entries } = await this.sandbox.control.ledger({ limit: "100000" });
    return entries.map((entry) => entry.text);
  }

  /** What the webhook was told of, as it was told. */
  told() {
    return this.receiver.bodies.flatMap((body) =>
      envelopeSchema.parse(body).entry.flatMap(({ changes }) => changes.map(({ value }) => value)),
    );
  }

  statuses(): CloudStatus[] {
    return this.told().flatMap(({ statuses }) => statuses ?? []);
  }

  /** Waits until the webhook has heard of so many statuses. */
  async untilStatuses(count: number): Promise<CloudStatus[]> {
    await this.receiver.until(() => this.statuses().length >= count);
    return this.statuses();
  }

  /** Waits until nothing more is to be told, and says how it went. */
  async settled() {
    const schema = z.object({
      waiting: z.number(),
      told: z.number(),
      lost: z.number(),
      refusals: z.number(),
    });
    for (;;) {
      const account = await this.sandbox.control.ok("GET", `/cloud/accounts/${phoneNumberId}`);
      const { webhooks } = z.object({ webhooks: schema }).parse(account);
      if (webhooks.waiting === 0) return webhooks;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}
