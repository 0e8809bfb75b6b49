import { sendAcceptedSchema, templateTestSendSchema, type Template } from "@pregonero/contracts";
import { findTemplate, ownDeviceIds, type Database } from "@pregonero/db";
import { keyVariables, missingVariables, parseTemplate } from "@pregonero/domain";
import { z } from "zod";
import { approvedTemplate } from "../campaigns/approved-template.ts";
import { contentTemplate } from "../campaigns/content-template.ts";
import { jsonBody } from "../http/body.ts";
import { ApiProblem, notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { givenVariables } from "../intake/given-variables.ts";
import { priorityOf } from "../intake/priority.ts";
import { validPhones } from "../intake/valid-phones.ts";
import type { SendDesk, SendOrder } from "../sends/send-desk.ts";

export interface TestSendDeps {
  readonly db: Database;
  readonly sends: SendDesk;
  readonly country: string | undefined;
}

/** Sends a template to one number, exactly as a campaign through that device would. */
export function testSendRoute({ db, sends, country }: TestSendDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/templates/{id}/test-send",
    tag: "Templates",
    summary: "Send a template to one number, to see how it looks",
    role: "operator",
    params: z.object({ id: z.uuid() }),
    body: jsonBody(templateTestSendSchema),
    idempotent: true,
    responses: { 202: sendAcceptedSchema },
    problems: ["unknown_device", "template_invalid"],
    handler: async ({ principal, params: { id }, body, idempotency }) => {
      const template = await findTemplate(db.pool, principal.tenantId, id);
      if (!template) throw notFound(`template with the id ${id}`);
      const [phone = ""] = validPhones([body.to], country, () => "to");
      const variables = keyVariables(givenVariables(body.variables));
      const order = await orderOf(db, principal.tenantId, template, body.device_id);
      const missing = missingVariables(
        order.content ? contentTemplate(order.content) : parseTemplate(template.body),
        variables,
      );
      if (missing.length > 0) {
        const names = missing.map((name) => `{{${name}}}`).join(", ");
        throw new ApiProblem("validation_failed", `There is no value for ${names}.`);
      }
      const messages = [{ phone, variables, text: null }];
      return await sends.place(principal, { ...order, messages }, idempotency, ({ job, messageIds }) =>
        reply(202, { job_id: job.id, message_ids: [...messageIds], total: job.total }),
      );
    },
  });
}

async function orderOf(
  db: Database,
  tenantId: number,
  template: Template,
  deviceId: number,
): Promise<Omit<SendOrder, "messages">> {
  if (!(await ownDeviceIds(db.pool, tenantId, [deviceId])).has(deviceId)) {
    throw new ApiProblem("unknown_device", `There is no device with the id ${deviceId}.`);
  }
  return {
    kind: "single",
    laneClass: "interactive",
    priority: priorityOf("normal"),
    senders: { device: deviceId },
    devicesLimit: 1,
    intervalMs: 0,
    body: template.body,
    content: await approvedTemplate(db.pool, tenantId, template, [deviceId]),
  };
}
