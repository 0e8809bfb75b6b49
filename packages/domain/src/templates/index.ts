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
export { keyVariables, missingVariables, valueFor, variablesOf } from "./variables.ts";
