import type { ChatNews } from "@pregonero/chat";
import {
  contactPatchSchema,
  contactSchema,
  contactsQueryFilters,
  pageOf,
  pageQuery,
} from "@pregonero/contracts";
import {
  conversationsOfContact,
  findContact,
  listContacts,
  patchContact,
  transaction,
  writeAudit,
  type Database,
} from "@pregonero/db";
import { z } from "zod";
import { jsonBody } from "../http/body.ts";
import { notFound } from "../http/problem.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import { shown } from "./shown.ts";

export interface ContactDeps {
  readonly db: Database;
  readonly news: ChatNews;
}

const tag = "Contacts";
const path = "/api/v1/contacts/{id}";
const params = z.object({ id: z.uuid() });

export function contactRoutes(deps: ContactDeps): Route[] {
  return [listRoute(deps), getRoute(deps), patchRoute(deps)];
}

function listRoute({ db }: ContactDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/contacts",
    tag,
    summary: "List contacts",
    role: "viewer",
    query: pageQuery(contactsQueryFilters),
    responses: { 200: pageOf(contactSchema) },
    handler: async ({ principal, query }) => {
      const page = await listContacts(db, principal.tenantId, query);
      return reply(200, { ...page, items: page.items.map((item) => shown(item, principal)) });
    },
  });
}

function getRoute({ db }: ContactDeps): Route {
  return defineRoute({
    method: "get",
    path,
    tag,
    summary: "Get a contact",
    role: "viewer",
    params,
    responses: { 200: contactSchema },
    handler: async ({ principal, params: { id } }) => {
      const contact = await findContact(db.pool, principal.tenantId, id);
      if (!contact) throw notFound(`contact with the id ${id}`);
      return reply(200, shown(contact, principal));
    },
  });
}

function patchRoute({ db, news }: ContactDeps): Route {
  return defineRoute({
    method: "patch",
    path,
    tag,
    summary: "Change a contact's name or notes",
    description: "A null name: as they call themselves.",
    role: "operator",
    params,
    body: jsonBody(contactPatchSchema),
    responses: { 200: contactSchema },
    handler: async ({ principal, params: { id }, body }) => {
      const { contact, conversations } = await transaction(db, async (tx) => {
        const changed = await patchContact(tx, principal.tenantId, id, body);
        if (!changed) throw notFound(`contact with the id ${id}`);
        const detail = { changed: Object.keys(body) };
        await writeAudit(tx, principal, { action: "contact.change", subject: `contact:${id}`, detail });
        return { contact: changed, conversations: await conversationsOfContact(tx, id) };
      });
      for (const conversation of conversations) news.conversation(principal.tenantId, conversation);
      return reply(200, contact);
    },
  });
}
