/** `Número de Pedido ` and `numero_de_pedido` are the same variable: both become `numero_de_pedido`. */
export function variableKey(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .trim()
    .replaceAll(/[\s_.-]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}
