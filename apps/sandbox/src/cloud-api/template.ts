import { isLongerThan } from "../gateway/text-length.ts";
import { isFields, wordOf, type Fields } from "./fields.ts";
import { GraphError, missing, notValid } from "./graph-error.ts";
import { fill, type Template } from "./registration.ts";

const maxFilledLength = 1_024;

// WhatsApp refuses a parameter that could change how the template looks.
const forbiddenInText = /[\n\r\t]| {5,}/;

function find(content: Fields, templates: readonly Template[]): Template {
  const { name, language } = content;
  if (typeof name !== "string" || name === "") throw missing("template['name'] is missing.");
  const code = isFields(language) ? language["code"] : undefined;
  if (typeof code !== "string" || code === "") throw missing("template['language']['code'] is missing.");
  const template = templates.find((known) => known.name === name && known.language === code);
  if (template?.status === "PAUSED") throw new GraphError(132015, { details: `template ${name} is paused` });
  if (template?.status === "DISABLED")
    throw new GraphError(132016, { details: `template ${name} is disabled` });
  if (template?.status !== "APPROVED")
    throw new GraphError(132001, { details: `template name (${name}) does not exist in ${code}` });
  return template;
}

function listOf(value: unknown, name: string): Fields[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isFields)) throw notValid(`${name} must be a list of objects.`);
  return value;
}

interface Component {
  readonly type: string;
  readonly fields: Fields;
  readonly parameters: readonly Fields[];
}

function componentsOf(content: Fields): Component[] {
  return listOf(content["components"], "template['components']").map((fields) => {
    const type = wordOf(fields["type"]);
    if (!["header", "body", "button"].includes(type))
      throw notValid("template['components']: type must be header, body or button.");
    return { type, fields, parameters: listOf(fields["parameters"], `${type}['parameters']`) };
  });
}

const wrongCount = (where: string, given: number, expected: number): GraphError =>
  new GraphError(132000, {
    details: `${where}: number of localizable_params (${given}) does not match the expected number of params (${expected})`,
  });

const wrongFormat = (where: string, expected: string, received: unknown): GraphError =>
  new GraphError(132012, {
    details: `${where}: Format mismatch, expected ${expected}, received ${(wordOf(received) || "unknown").toUpperCase()}`,
  });

function textOf(parameter: Fields, where: string): string {
  if (parameter["type"] !== "text") throw wrongFormat(where, "TEXT", parameter["type"]);
  const text = parameter["text"];
  if (typeof text !== "string" || text === "")
    throw missing(`${where}: Parameter of type text is missing text value`);
  if (forbiddenInText.test(text)) {
    const details = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
    throw new GraphError(132018, { details });
  }
  return text;
}

function bodyValues(template: Template, given: readonly Fields[]): Map<string, string> {
  const { parameters, named } = template;
  if (given.length !== parameters.length) throw wrongCount("body", given.length, parameters.length);
  const values = new Map<string, string>();
  given.forEach((parameter, position) => {
    const name = named ? parameter["parameter_name"] : parameters[position];
    if (typeof name !== "string" || !parameters.includes(name) || values.has(name))
      throw new GraphError(100, { details: "Parameter name is missing or empty" });
    values.set(name, textOf(parameter, "body"));
  });
  return values;
}

function checkHeader(template: Template, given: readonly Fields[]): void {
  const { header } = template;
  const expected = header === null ? 0 : header.format === "TEXT" ? header.parameters : 1;
  const [parameter] = given;
  if (given.length !== expected && (header === null || header.format === "TEXT"))
    throw wrongCount("header", given.length, expected);
  if (header === null || expected === 0) return;
  if (header.format === "TEXT") {
    if (parameter !== undefined) textOf(parameter, "header");
    return;
  }
  const format = header.format.toLowerCase();
  if (parameter?.["type"] !== format) throw wrongFormat("header", header.format, parameter?.["type"]);
  const media = parameter[format];
  if (!isFields(media) || typeof media["link"] !== "string")
    throw missing(`header: ${format}['link'] is missing`);
}

const titles = { url: "Url", quick_reply: "QuickReply", copy_code: "CopyCode" } as const;

function checkButtons(template: Template, given: readonly Component[]): void {
  for (const { index, sub_type } of template.buttons) {
    const button = given.find(({ fields }) => wordOf(fields["index"]) === String(index));
    if (button?.parameters.length !== 1)
      throw missing(`buttons: Button at index ${index} of type ${titles[sub_type]} requires a parameter`);
    const received = button.fields["sub_type"];
    if (wordOf(received) !== sub_type) throw wrongFormat("buttons", sub_type.toUpperCase(), received);
  }
}

/**
 * What the recipient of a template message sees: the body filled in, or, when the text is not known, the name and the
 * parameters.
 * @throws GraphError when the template is unknown or not to be sent, or the components do not fit it.
 */
export function renderTemplate(content: Fields, templates: readonly Template[]): string {
  const template = find(content, templates);
  const components = componentsOf(content);
  const parametersOf = (type: string): readonly Fields[] =>
    components.filter((component) => component.type === type).flatMap(({ parameters }) => parameters);
  checkHeader(template, parametersOf("header"));
  const values = bodyValues(template, parametersOf("body"));
  checkButtons(
    template,
    components.filter(({ type }) => type === "button"),
  );
  if (template.body === undefined) return [`[template] ${template.name}`, ...values.values()].join(" | ");
  const text = fill(template.body, values);
  if (isLongerThan(text, maxFilledLength))
    throw new GraphError(132005, { details: `body: more than ${maxFilledLength} characters` });
  return text;
}
