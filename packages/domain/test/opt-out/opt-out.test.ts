import { describe, expect, test } from "vitest";
import { asksToStop } from "../../src/opt-out/index.ts";

describe("opt-out words", () => {
  test.each([
    "BAJA",
    "baja.",
    " ¡Stop! ",
    "SALIR",
    "Unsubscribe",
    "cancelar",
    "ALTO",
    "Cancelar suscripción",
    "opt-out",
    "*BAJA*",
  ])("%s asks to stop", (text) => {
    expect(asksToStop(text)).toBe(true);
  });

  test.each([
    "",
    "no quiero cancelar mi cita",
    "baja el precio",
    "¿cuándo es el alto?",
    "stopped",
    "BAJA ".repeat(20),
  ])("%s does not", (text) => {
    expect(asksToStop(text)).toBe(false);
  });
});
