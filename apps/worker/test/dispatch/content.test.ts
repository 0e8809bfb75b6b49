import { expect, test } from "vitest";
import { Contents } from "../../src/dispatch/content.ts";

const message = {
  tenantId: 1,
  text: null,
  body: null,
  content: null,
  variables: { nombre: "José", pedido: "A-1" },
};
const contents = new Contents();

test("a text of its own is sent as it is, a body is rendered", () => {
  expect(contents.of({ ...message, text: "{{nombre}}" })).toEqual({ kind: "text", text: "{{nombre}}" });
  expect(contents.of({ ...message, body: "Hola {{nombre}}" })).toEqual({ kind: "text", text: "Hola José" });
});

test("every string of a template's components is rendered for the recipient", () => {
  const content = {
    kind: "template",
    name: "pedido_listo",
    language: "es",
    components: [{ type: "body", parameters: [{ type: "text", text: "{{nombre}} ({{pedido}})" }] }],
  };
  expect(contents.of({ ...message, content })).toEqual({
    ...content,
    components: [{ type: "body", parameters: [{ type: "text", text: "José (A-1)" }] }],
  });
});

test("media by link, with its caption rendered", () => {
  const content = {
    kind: "media",
    media_type: "image",
    link: "https://example.org/{{pedido}}.png",
    caption: "{{nombre}}",
  };
  expect(contents.of({ ...message, content })).toEqual({
    kind: "media",
    mediaType: "image",
    link: "https://example.org/A-1.png",
    caption: "José",
  });
});

test("filters apply to what is sent", () => {
  const variables = { nombre: "ANA MARÍA", monto: "1234.5" };
  expect(
    contents.of({
      ...message,
      variables,
      body: 'Hola {{nombre|first_word|capitalize}}: {{monto|currency:"PEN","es-PE"}}',
    }),
  ).toEqual({ kind: "text", text: "Hola Ana: S/ 1,234.50" });
});
