import { expect, test } from "vitest";
import { contentOf } from "../../src/dispatch/content.ts";

const message = { text: null, body: null, content: null, variables: { nombre: "José", pedido: "A-1" } };

test("a text of its own is sent as it is, a body is rendered", () => {
  expect(contentOf({ ...message, text: "{{nombre}}" })).toEqual({ kind: "text", text: "{{nombre}}" });
  expect(contentOf({ ...message, body: "Hola {{nombre}}" })).toEqual({ kind: "text", text: "Hola José" });
});

test("every string of a template's components is rendered for the recipient", () => {
  const content = {
    kind: "template",
    name: "pedido_listo",
    language: "es",
    components: [{ type: "body", parameters: [{ type: "text", text: "{{nombre}} ({{pedido}})" }] }],
  };
  expect(contentOf({ ...message, content })).toEqual({
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
  expect(contentOf({ ...message, content })).toEqual({
    kind: "media",
    mediaType: "image",
    link: "https://example.org/A-1.png",
    caption: "José",
  });
});
