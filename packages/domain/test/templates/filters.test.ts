import {
  AudiencePlanner,
  filterNames,
  keyVariables,
  missingVariables,
  parseTemplate,
  renderTemplate,
  TemplateError,
  variablesOf,
} from "@pregonero/domain";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const render = (body: string, variables: Record<string, string> = {}) =>
  renderTemplate(parseTemplate(body), keyVariables(variables));

describe("filters of templates", () => {
  test.each([
    ["{{x|upper}}", "peña", "PEÑA"],
    ["{{x|lower}}", "PEÑA", "peña"],
    ["{{x|capitalize}}", "ANA MARÍA o'neill", "Ana María O'Neill"],
    ["{{x|trim}}", " a   b ", "a b"],
    ["{{x|first_word}}", "Ana María", "Ana"],
    ["{{x|first_word|upper}}", "Ana María", "ANA"],
    ["{{x|truncate:5}}", "abcdef", "abcd…"],
    ["{{x|truncate:5}}", "abcde", "abcde"],
    ["{{x|number}}", "1234.5", "1.234,5"],
    ["{{x|number:2}}", "1,234.5", "1.234,50"],
    ['{{x|number:0,"en"}}', "1.234.567,4", "1,234,567"],
    ['{{x|currency:"EUR"}}', "1234,5", "1.234,50 €"],
    ['{{x|currency:"PEN","es-PE"}}', "S/ 99", "S/ 99.00"],
    ["{{x|currency:USD,en-US}}", "-5", "-$5.00"],
    ["{{x|date}}", "2026-03-01", "01/03/2026"],
    ["{{x|date}}", "2026-03-01T23:59:00-05:00", "01/03/2026"],
    ["{{x|date:long}}", "1/3/2026", "1 de marzo de 2026"],
    ['{{x|date:"full","pt_BR"}}', "01.03.2026", "domingo, 1 de março de 2026"],
    ['{{ x | first_word | default : "a|b, c" }}', "Z y", "Z"],
  ])("%s of %j is %j", (body, x, expected) => {
    expect(render(body, { x })).toBe(expected);
  });

  test("a default among filters stands where it is written", () => {
    expect(render('{{x|upper|default:"amigo"}}')).toBe("amigo");
    expect(render('{{x|default:"amigo"|upper}}')).toBe("AMIGO");
    expect(render('{{x|default:""}}!')).toBe("!");
    expect(variablesOf(parseTemplate('{{x|default:"amigo"|upper}}'))[0]?.fallback).toBe("AMIGO");
  });

  test.each(["amigo", "Sr. o Sra.", "a: b", "nota:hoy", "x|y", 'tubo de 5" y más', "Upper", "uppercase", ""])(
    "a default of old is a default still: {{x|%s}}",
    (text) => {
      expect(render(`{{x|${text}}}`)).toBe(text);
      expect(render(`{{x|${text}}}`, { x: "v" })).toBe("v");
    },
  );

  test.each([
    '{{x|capitalise:"x"}}',
    "{{x|upper|capitalise}}",
    "{{x|upper:3}}",
    "{{x|truncate}}",
    "{{x|truncate:0}}",
    "{{x|number:99}}",
    '{{x|number:2,"not a language"}}',
    "{{x|currency}}",
    '{{x|currency:"soles"}}',
    '{{x|date:"dd/mm"}}',
    "{{x|default}}",
  ])("%s is refused with words for its author", (body) => {
    expect(() => parseTemplate(body)).toThrow(TemplateError);
  });

  test("the refusal of an unknown filter names those that there are", () => {
    expect(() => parseTemplate("{{x|upper|nope}}")).toThrow(new RegExp(`nope.*${filterNames.join(", ")}`));
  });

  test.each([
    ["number", "abc"],
    ["number", "1,234"],
    ["number", "12-5"],
    ["number", "1.2.3"],
    ["date", "31/02/2026"],
    ["date", "03/2026"],
    ["date", "mañana"],
  ])("what %s cannot read (%j) counts as no value", (filter, x) => {
    const template = parseTemplate(`{{x|${filter}}}`);
    expect(missingVariables(template, { x })).toEqual(["x"]);
    expect(render(`{{x|${filter}|default:"luego"}}`, { x })).toBe("luego");
    expect(new AudiencePlanner({ template }).plan("+51 987 654 321", { x })).toMatchObject({
      accepted: false,
      rejection: { reason: "missing_variable" },
    });
  });

  test("what planning accepts can be rendered, for any chain of filters and any value", () => {
    const link = fc.constantFrom(
      "upper",
      "capitalize",
      "first_word",
      "truncate:3",
      "number:1",
      "currency:EUR",
      "date:long",
      'default:"7"',
    );
    const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("1.5", "2026-01-02", "", "a b"));
    fc.assert(
      fc.property(fc.array(link, { minLength: 1, maxLength: 4 }), value, (links, x) => {
        const template = parseTemplate(`{{x|${links.join("|")}}}`);
        const planned = new AudiencePlanner({ template }).plan("+51 987 654 321", { x });
        if (planned.accepted) expect(typeof renderTemplate(template, planned.variables)).toBe("string");
        else expect(() => renderTemplate(template, { x })).toThrow(TemplateError);
      }),
    );
  });

  test("a number is written and read as the number that it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (cents) => {
        const written = render('{{x|number:2,"en"}}', { x: String(cents / 100) });
        // "1,234.50" has both separators, or no group at all: never in doubt.
        expect(render('{{x|number:2,"en"}}', { x: written })).toBe(written);
      }),
    );
  });
});
