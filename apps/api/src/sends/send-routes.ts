import {
  bulkSendSchema,
  sendAcceptedSchema,
  singleSendSchema,
  type SendAccepted,
} from "@pregonero/contracts";
import type { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { ApiProblem } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { priorityOf } from "../intake/priority.ts";
import type { SenderChoice } from "../intake/senders.ts";
import { validPhones } from "../intake/valid-phones.ts";
import type { MadeSend, SendDesk, SendOrder } from "./send-desk.ts";

export interface SendDeps {
  readonly sends: SendDesk;
  readonly country: string | undefined;
}

const tag = "Messages";
const idsShown = 1_000;

export function sendRoutes(deps: SendDeps): Route[] {
  return [singleRoute(deps), bulkRoute(deps)];
}

function accepted({ job, messageIds }: MadeSend): SendAccepted {
  return { job_id: job.id, message_ids: messageIds.slice(0, idsShown), total: job.total };
}

function singleRoute({ sends, country }: SendDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/messages/send",
    tag,
    summary: "Send one message",
    description: "Goes before all bulk work of its device, unless its priority is low.",
    role: "operator",
    body: jsonBody(singleSendSchema),
    idempotent: true,
    responses: { 202: sendAcceptedSchema },
    problems: ["unknown_device"],
    handler: async ({ principal, body, idempotency }) =>
      await sends.place(principal, singleOrder(body, country), idempotency, (made) =>
        reply(202, accepted(made)),
      ),
  });
}

function singleOrder(body: z.output<typeof singleSendSchema>, country: string | undefined): SendOrder {
  const [phone = ""] = validPhones([body.to], country, () => "to");
  const priority = body.metadata?.priority ?? "normal";
  return {
    kind: "single",
    laneClass: priority === "low" ? "bulk" : "interactive",
    priority: priorityOf(priority),
    senders: { device: oneOf(body.device, body.device_id) },
    devicesLimit: 1,
    intervalMs: 0,
    body: null,
    messages: [{ phone, variables: null, text: body.message }],
  };
}

function oneOf<T>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  throw new ApiProblem("validation_failed", "device and device_id name two different devices.");
}

function bulkRoute({ sends, country }: SendDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/messages/bulk",
    tag,
    summary: "Send a list of messages, each with its own text",
    role: "operator",
    body: jsonBody(bulkSendSchema),
    idempotent: true,
    responses: { 202: sendAcceptedSchema },
    problems: ["unknown_device", "unknown_pool"],
    handler: async ({ principal, body, idempotency }) =>
      await sends.place(principal, bulkOrder(body, country), idempotency, (made) =>
        reply(202, accepted(made)),
      ),
  });
}

function bulkOrder(body: z.output<typeof bulkSendSchema>, country: string | undefined): SendOrder {
  const phones = validPhones(
    body.messages.map(({ to }) => to),
    country,
    (index) => `messages[${index}].to`,
  );
  return {
    kind: "bulk",
    laneClass: "bulk",
    priority: priorityOf(body.metadata?.priority ?? "normal"),
    senders: sendersOf(body),
    devicesLimit: body.devices_limit,
    intervalMs: body.delay,
    body: null,
    messages: body.messages.map(({ message }, index) => ({
      phone: phones[index] ?? "",
      variables: null,
      text: message,
    })),
  };
}

function sendersOf(body: z.output<typeof bulkSendSchema>): SenderChoice {
  return { device: body.device_id, deviceIds: body.device_ids, pool: body.pool };
}
