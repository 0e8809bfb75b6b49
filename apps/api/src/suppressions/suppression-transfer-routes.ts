import { suppressionImportedSchema, type SuppressionImported } from "@pregonero/contracts";
import {
  addSuppressions,
  readSuppressions,
  transaction,
  writeAudit,
  type Database,
  type Transaction,
} from "@pregonero/db";
import { AudiencePlanner, maskPhone } from "@pregonero/domain";
import { z } from "zod";
import { csvRow } from "../http/csv.ts";
import { defineRoute, reply, type Route } from "../http/route.ts";
import type { IntakeLimits } from "../intake/limits.ts";
import { recipientsOfCsv, recipientsOfList, type GivenRecipient } from "../intake/recipients.ts";
import { suppressionImportBody, type SuppressionImportRequest } from "./suppression-import-body.ts";

export interface SuppressionTransferDeps {
  readonly db: Database;
  readonly country: string | undefined;
  readonly limits: IntakeLimits;
  readonly uploadDir: string;
}

const tag = "Suppressions";
const rejectionsShown = 1_000;
/** Only the number matters. */
const noText = { parts: [] };

export function suppressionTransferRoutes(deps: SuppressionTransferDeps): Route[] {
  return [importRoute(deps), exportRoute(deps)];
}

function importRoute({ db, country, limits, uploadDir }: SuppressionTransferDeps): Route {
  return defineRoute({
    method: "post",
    path: "/api/v1/suppressions/import",
    tag,
    summary: "Write to many numbers no more",
    description:
      "JSON with the numbers in it, or a form with a CSV as the part `file`. Numbers that are not valid are told and do not stop the others. Harmless twice.",
    role: "operator",
    body: suppressionImportBody({ dir: uploadDir, limits }),
    responses: { 200: suppressionImportedSchema },
    problems: ["broken_csv"],
    handler: async ({ principal, body }) => {
      const imported = await transaction(db, async (tx) => {
        const result = await importAll(tx, principal.tenantId, body, country);
        const { added, known, rejected } = result;
        await writeAudit(tx, principal, {
          action: "suppression.import",
          subject: "suppressions",
          detail: { added, known, rejected },
        });
        return result;
      });
      return reply(200, imported);
    },
  });
}

async function importAll(
  tx: Transaction,
  tenantId: number,
  request: SuppressionImportRequest,
  country: string | undefined,
): Promise<SuppressionImported> {
  const planner = new AudiencePlanner({ template: noText, country });
  const result: SuppressionImported = { added: 0, known: 0, rejected: 0, rejected_rows: [] };
  for await (const batch of recipientsIn(request)) {
    const phones: string[] = [];
    for (const { line, phone, malformed } of batch) {
      const planned = planner.plan(phone, {});
      if (malformed === undefined && planned.accepted) phones.push(planned.phone);
      else if (!planned.accepted && planned.rejection.reason === "duplicate") result.known += 1;
      else {
        result.rejected += 1;
        if (result.rejected_rows.length >= rejectionsShown) continue;
        const why = planned.accepted
          ? { reason: "malformed_row" as const, detail: malformed ?? "", phone: maskPhone(phone) }
          : planned.rejection;
        result.rejected_rows.push({ line, ...why });
      }
    }
    const added = await addSuppressions(tx, tenantId, { phones, reason: request.reason });
    result.added += added;
    result.known += phones.length - added;
  }
  return result;
}

function recipientsIn(request: SuppressionImportRequest): AsyncIterable<GivenRecipient[]> {
  if (request.kind === "list")
    return recipientsOfList(request.phones.map((phone) => ({ phone, variables: {} })));
  const mapping = request.column === undefined ? undefined : { phone: request.column };
  return recipientsOfCsv(request.file, noText, mapping);
}

const csvText = z
  .custom<AsyncIterable<string>>(
    (body) => typeof body === "object" && body !== null && Symbol.asyncIterator in body,
  )
  .meta({ type: "string" });

function exportRoute({ db }: SuppressionTransferDeps): Route {
  return defineRoute({
    method: "get",
    path: "/api/v1/suppressions/export",
    tag,
    summary: "Get the whole list as a CSV file",
    description: "With whole numbers. What a spreadsheet would take for a formula is written as text.",
    role: "operator",
    responses: { 200: csvText },
    produces: "text/csv",
    handler: ({ principal }) =>
      Promise.resolve({
        ...reply(200, exported(db, principal.tenantId)),
        headers: { "Content-Disposition": 'attachment; filename="suppressions.csv"' },
      }),
  });
}

async function* exported(db: Database, tenantId: number): AsyncGenerator<string> {
  yield csvRow(["phone", "reason", "created_at"]);
  for await (const batch of readSuppressions(db, tenantId)) {
    yield batch.map(({ phone, reason, created_at }) => csvRow([phone, reason, created_at])).join("");
  }
}
