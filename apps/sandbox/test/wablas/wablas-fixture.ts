import { z } from "zod";
import { call, type HttpAnswer } from "../harness/http.ts";
import { openSandbox, type TestSandbox, type TestSandboxOptions } from "../harness/sandbox.ts";
import { WebhookReceiver, type Answering } from "../harness/webhook-receiver.ts";

export const token = "tok.en-1";
export const secretKey = "s3cret";
export const phone = "6281230000001";
export const recipient = "6281218444555";

export const acceptedSchema = z.strictObject({
  status: z.literal(true),
  message: z.string(),
  data: z.strictObject({
    device_id: z.string(),
    quota: z.number(),
    messages: z.array(
      z.strictObject({
        id: z.uuid(),
        phone: z.union([z.string(), z.number()]),
        message: z.string(),
        status: z.literal("pending"),
        ref_id: z.string(),
      }),
    ),
  }),
});

const refusedSchema = z.strictObject({ status: z.literal(false), message: z.string() });

const trackingSchema = z.strictObject({
  id: z.uuid(),
  phone: z.string(),
  status: z.enum(["pending", "sent", "delivered", "received", "read", "cancel", "reject"]),
  note: z.string(),
  deviceId: z.string(),
  ref_id: z.string().optional(),
});

export const accepted = (answer: HttpAnswer) => acceptedSchema.parse(answer.body).data;
export const refusal = (answer: HttpAnswer): string => refusedSchema.parse(answer.body).message;

export const message = (text: string, over: Readonly<Record<string, unknown>> = {}) => ({
  phone: recipient,
  message: text,
  isGroup: "false",
  ...over,
});

export interface WablasFixtureOptions extends TestSandboxOptions {
  readonly device?: Readonly<Record<string, unknown>>;
  readonly answering?: Answering;
}

/** A sandbox with one device registered and a receiver for its webhooks. */
export class WablasFixture implements AsyncDisposable {
  readonly sandbox: TestSandbox;
  readonly receiver: WebhookReceiver;

  private constructor(sandbox: TestSandbox, receiver: WebhookReceiver) {
    this.sandbox = sandbox;
    this.receiver = receiver;
  }

  static async open({ device, answering, ...options }: WablasFixtureOptions = {}): Promise<WablasFixture> {
    const receiver = await WebhookReceiver.open(answering);
    const fixture = new WablasFixture(await openSandbox(options), receiver);
    await fixture.register(device);
    return fixture;
  }

  async register(over: Readonly<Record<string, unknown>> = {}): Promise<void> {
    await this.sandbox.control.ok("PUT", `/wablas/devices/${token}`, {
      secret_key: secretKey,
      phone,
      webhook_url: this.receiver.url,
      ...over,
    });
  }

  async faults(wablas: Readonly<Record<string, unknown>>): Promise<void> {
    await this.sandbox.control.faults({ wablas });
  }

  post(data: unknown, authorization = `${token}.${secretKey}`, signal?: AbortSignal) {
    const body = typeof data === "string" ? data : { data };
    return call({
      method: "POST",
      url: `${this.sandbox.url}/wablas/api/v2/send-message`,
      authorization,
      body,
      signal,
    });
  }

  info(shown = token) {
    return call({ method: "GET", url: `${this.sandbox.url}/wablas/api/device/info?token=${shown}` });
  }

  async arrived(): Promise<string[]> {
    const { entries } = await this.sandbox.control.ledger({ limit: "1000" });
    return entries.map((entry) => entry.text);
  }

  tracking() {
    return this.receiver.bodies.map((body) => trackingSchema.parse(body));
  }

  async untilTracked(count: number) {
    await this.receiver.until(() => this.receiver.heard.length >= count);
    return this.tracking();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox[Symbol.asyncDispose]();
    await this.receiver[Symbol.asyncDispose]();
  }
}
