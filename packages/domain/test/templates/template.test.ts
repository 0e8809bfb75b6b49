import {
  keyVariables,
  literalTemplate,
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

describe("templates", () => {
  test("holes take the recipient's values, whatever the case, accents and spaces of their names", () => {
    expect(
      render("Hola {{Nombre}}, pedido {{ número de pedido }}", { nombre: "Ana", NUMERO_DE_PEDIDO: "7" }),
    ).toBe("Hola Ana, pedido 7");
  });

  test("a missing or blank value takes the default, and without one there is no text at all", () => {
    expect(render("Hola {{nombre|amigo}}")).toBe("Hola amigo");
    expect(render("Hola {{nombre|amigo}}", { nombre: "  " })).toBe("Hola amigo");
    expect(render("Hola{{nombre|}}!")).toBe("Hola!");
    expect(() => render("Hola {{nombre}}")).toThrow(TemplateError);
  });

  test("names of the prototype are not values", () => {
    expect(() => render("{{constructor}}")).toThrow(TemplateError);
    expect(render("{{toString|x}}")).toBe("x");
  });

  test.each(["Hola {{nombre", "{{}}", "{{ | x}}", "{{a {{b}} }}", "{{a\nb}}", "{{" + "x".repeat(65) + "}}"])(
    "%j is refused with words for its author",
    (body) => {
      expect(() => parseTemplate(body)).toThrow(TemplateError);
    },
  );

  test("a value with braces is written as it is and never read as a hole", () => {
    expect(render("{{a}}", { a: "{{b}}", b: "no" })).toBe("{{b}}");
  });

  test("any text can be made into a template that renders to that very text", () => {
    const text = fc.string({ unit: fc.constantFrom("{", "}", '"', "|", "a", " ", "\n") });
    fc.assert(fc.property(text, (given) => render(literalTemplate(given)) === given));
    expect(render(literalTemplate("{{{{x}}"))).toBe("{{{{x}}");
  });

  test("variables are listed once, and are obligatory if one of their holes is", () => {
    const template = parseTemplate("{{a|x}} {{B}} {{A}} {{b}}");
    expect(variablesOf(template)).toEqual([
      { name: "a", key: "a", fallback: null },
      { name: "B", key: "b", fallback: null },
    ]);
    expect(missingVariables(template, { a: "1" })).toEqual(["B"]);
  });
});
