export {
  literalTemplate,
  parseTemplate,
  renderTemplate,
  TemplateError,
  type Template,
  type TemplatePart,
  type TemplateVariable,
  type TemplateVariables,
} from "./template.ts";
export { variableKey } from "./variable-key.ts";
export { filterNames } from "./filters.ts";
export { valueFor } from "./value-for.ts";
export { keyVariables, missingVariables, variablesOf } from "./variables.ts";
