import { AudiencePlanner, findColumns, parseTemplate, slugOf, variablesOf } from "@pregonero/domain";
import { describe, expect, test } from "vitest";

const variables = (body: string) => variablesOf(parseTemplate(body));

describe("columns of a file", () => {
  test("the phone column is the surest name, the variables are found by their own", () => {
    expect(
      findColumns(
        ["Número", "Ciudad", "WhatsApp", "NOMBRE completo"],
        variables("{{nombre completo}} {{país|x}}"),
      ),
    ).toEqual({
      ok: true,
      columns: { phone: 2, variables: [{ key: "nombre_completo", column: 3 }] },
    });
  });

  test("of two columns with one name the first counts", () => {
    const result = findColumns(["phone", "nombre", "Nombre"], variables("{{nombre}}"));
    expect(result).toMatchObject({ columns: { variables: [{ column: 1 }] } });
  });

  test("a mapping overrides names, whatever their case and accents", () => {
    const header = ["telefono", "Contacto Móvil", "Cliente"];
    const mapping = { Phone: "contacto movil", nombre: "CLIENTE" };
    expect(findColumns(header, variables("{{nombre}}"), mapping)).toEqual({
      ok: true,
      columns: { phone: 1, variables: [{ key: "nombre", column: 2 }] },
    });
  });

  test.each([
    [["nombre"], "hi", {}, "no column with the phone numbers"],
    [["phone"], "{{a}} {{b|x}} {{c}}", {}, "needs {{a}}, {{c}}"],
    [["phone"], "hi", { phone: "mobile" }, '"mobile"'],
    [[], "hi", {}, "no column with the phone numbers"],
  ])("%j for %j with %j is refused, and says what is there", (header, body, mapping, detail) => {
    const result = findColumns(header, variables(body), mapping);
    expect(result).toMatchObject({ ok: false, detail: expect.stringContaining(detail) });
    expect(result).toMatchObject({ detail: expect.stringContaining(`Its columns: ${header.join(", ")}.`) });
  });

  test("a row of data in place of the header does not put its number into the message", () => {
    const result = findColumns(["+34600123456", "x".repeat(200)], variables("hi"));
    expect(JSON.stringify(result)).not.toContain("600123456");
    expect(JSON.stringify(result).length).toBeLessThan(500);
  });
});

describe("an audience", () => {
  test("the first of two equal numbers wins, however they are written", () => {
    const planner = new AudiencePlanner({ template: parseTemplate("hi") });
    expect(planner.plan("+34 600 123 456", {})).toEqual({
      accepted: true,
      phone: "34600123456",
      variables: {},
    });
    expect(planner.plan("0034600123456", {})).toMatchObject({
      accepted: false,
      rejection: { reason: "duplicate" },
    });
  });

  test("a recipient who is rejected for another reason does not take the number", () => {
    const planner = new AudiencePlanner({ template: parseTemplate("{{a}}") });
    expect(planner.plan("+34600123456", {})).toMatchObject({ rejection: { reason: "missing_variable" } });
    expect(planner.plan("+34600123456", { a: "1" })).toMatchObject({ accepted: true });
  });

  test("only what the text uses is kept, blank values count as missing, names of the prototype are names", () => {
    const planner = new AudiencePlanner({ template: parseTemplate("{{a}} {{b|x}} {{constructor|y}}") });
    expect(planner.plan("+34600123456", { a: " 1 ", b: "  ", c: "3" })).toMatchObject({
      variables: { a: "1" },
    });
    expect(planner.plan("+34600123457", { a: " " })).toMatchObject({
      rejection: { reason: "missing_variable" },
    });
  });

  test("reasons are for people, numbers are masked", () => {
    const planner = new AudiencePlanner({ template: parseTemplate("hi") });
    expect(planner.plan("+3460012", {})).toEqual({
      accepted: false,
      rejection: {
        reason: "invalid_number",
        detail: "The number is too short for a phone number with country code.",
        phone: "*****",
      },
    });
    expect(planner.plan("", {})).toMatchObject({ rejection: { reason: "missing_phone" } });
  });
});

test.each([
  ["¡Promo Enero 2026!", "promo_enero_2026"],
  ["  Año -- Nuevo  ", "ano_nuevo"],
  ["🎉", "campaign"],
  ["x".repeat(200), "x".repeat(80)],
  ["3f0c1f60-6d2c-4c5e-9f5d-0a1b2c3d4e5f", "3f0c1f60_6d2c_4c5e_9f5d_0a1b2c3d4e5f"],
])("%j has the slug %s", (name, slug) => {
  expect(slugOf(name)).toBe(slug);
});
