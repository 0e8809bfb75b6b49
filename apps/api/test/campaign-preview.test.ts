import type { CampaignPreview } from "@pregonero/contracts";
import { describe, expect, test } from "vitest";
import { expectProblem, type Answer } from "./support/api.ts";
import { intakeRows, nothing } from "./support/campaigns.ts";
import { testApi } from "./support/suite.ts";

const app = testApi({ MAX_MESSAGES_PER_CAMPAIGN: "3" });

async function preview(csv: string, fields: Record<string, string> = {}): Promise<Answer<CampaignPreview>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new Blob([csv]), "clientes.csv");
  return await app().call("POST", "/api/v1/campaigns/preview", { form });
}

describe("the preview of a file", () => {
  test("says what creating the campaign would say, and creates nothing", async () => {
    await app().call("POST", "/api/v1/suppressions", { json: { phone: "+34600000004" } });
    const csv = [
      "Nombre;Teléfono",
      "Ana;+34600000001",
      "Luis;+34600000001",
      "Eva;123",
      ";+34600000003",
      "Iván;+34600000004",
    ].join("\n");
    const { status, body } = await preview(csv, { body: "Hola {{nombre}}" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      columns: ["Nombre", "Teléfono"],
      phone_column: 1,
      obstacle: null,
      total: 5,
      accepted: 1,
      rejected: 4,
      too_many: false,
    });
    expect(body.rejected_rows.map(({ line, reason }) => [line, reason])).toEqual([
      [3, "duplicate"],
      [4, "invalid_number"],
      [5, "missing_variable"],
      [6, "opted_out"],
    ]);
    expect(body.rows[0]).toEqual({ line: 2, cells: ["Ana", "+34600000001"] });
    expect(await intakeRows(app())).toEqual(nothing);
  });

  test("without a column of numbers shows the columns, so that one can be mapped", async () => {
    const csv = "Contacto 1,Cliente\n+34600000001,Ana\n";
    const { body } = await preview(csv);
    expect(body).toMatchObject({
      columns: ["Contacto 1", "Cliente"],
      phone_column: null,
      accepted: 0,
      total: 1,
    });
    expect(body.obstacle).toContain("no column with the phone numbers");
    const mapping = JSON.stringify({ phone: "Contacto 1", nombre: "Cliente" });
    const mapped = await preview(csv, { mapping, body: "Hola {{nombre}}" });
    expect(mapped.body).toMatchObject({ phone_column: 0, accepted: 1, obstacle: null });
  });

  test("counts beyond the limit of a campaign and says so", async () => {
    const rows = Array.from({ length: 5 }, (_, n) => `+3460000010${n}`);
    const { body } = await preview(`telefono\n${rows.join("\n")}\n`);
    expect(body).toMatchObject({ accepted: 5, too_many: true });
  });

  test("of what is no CSV, of an unknown template and of a broken text is a problem", async () => {
    expectProblem(await refused("PK\u0003\u0004zip"), 422, "broken_csv");
    const id = "00000000-0000-4000-8000-000000000000";
    expectProblem(await refused("telefono\n1\n", { template_id: id }), 422, "unknown_template");
    expectProblem(await refused("telefono\n1\n", { body: "Hola {{" }), 422, "template_invalid");
  });
});

async function refused(csv: string, fields: Record<string, string> = {}): Promise<Answer> {
  return { ...(await preview(csv, fields)) } as unknown as Answer;
}
