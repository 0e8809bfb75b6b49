import { defineTexts } from "../i18n/texts.ts";

export const uiTexts = defineTexts(
  {
    cancel: "Cancelar",
    close: "Cerrar",
    save: "Guardar",
    back: "Volver",
    loading: "Cargando…",
    loadingMore: "Cargando más…",
    all: "Todos",
    search: "Buscar",
    clear: "Quitar filtros",
    copy: "Copiar",
    copied: "Copiado",
    nothingFound: "Nada coincide con los filtros",
    nothingFoundText: "Prueba con otros, o quítalos.",
    shown: (count: string, more: boolean) =>
      count === "1" && !more ? "1 fila" : `${count}${more ? "+" : ""} filas`,
    actions: "Acciones",
    optional: "opcional",
    progress: (percent: string) => `Progreso: ${percent}`,
  },
  {
    cancel: "Cancel",
    close: "Close",
    save: "Save",
    back: "Back",
    loading: "Loading…",
    loadingMore: "Loading more…",
    all: "All",
    search: "Search",
    clear: "Clear filters",
    copy: "Copy",
    copied: "Copied",
    nothingFound: "Nothing matches the filters",
    nothingFoundText: "Try others, or clear them.",
    shown: (count: string, more: boolean) =>
      count === "1" && !more ? "1 row" : `${count}${more ? "+" : ""} rows`,
    actions: "Actions",
    optional: "optional",
    progress: (percent: string) => `Progress: ${percent}`,
  },
);
