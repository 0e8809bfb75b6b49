import type { ReportFacts } from "@pregonero/db";
import { reportStyle } from "./report-style.ts";
import { reportTextsIn, type ReportTexts } from "./report-texts.ts";

/** A row of the list at the end: a recipient or a domain. */
export interface ReportRow {
  readonly number: number;
  readonly who: string;
  readonly state: string;
  readonly device: string | null;
  readonly at: Date | null;
  readonly detail: string | null;
}

export interface ReportInput {
  readonly jobType: "send_messages" | "batch_scraping";
  readonly language: string;
  readonly facts: ReportFacts;
  readonly rows: readonly ReportRow[];
  readonly now: Date;
}

/** The page that is printed: a cover with the figures, what failed and why, and the list. Needs nothing from outside. */
export function reportPage({ jobType, language, facts, rows, now }: ReportInput): string {
  const texts = reportTextsIn(language);
  const number = (value: number) => new Intl.NumberFormat(language).format(value);
  const time = (at: Date | null) =>
    at === null ? "–" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const kind = jobType === "send_messages" ? texts.sends : texts.batch;
  const title = facts.name ?? kind;
  const table = [
    [texts.facts.status, wordOf(texts, facts.status)],
    [texts.facts.created, time(facts.createdAt)],
    [texts.facts.createdBy, facts.createdBy],
    [texts.facts.started, time(facts.startedAt)],
    [texts.facts.completed, time(facts.completedAt)],
    [texts.facts.printed, time(now)],
  ];
  const cards = [{ key: "total", count: facts.total }, ...facts.figures].map(({ key, count }) => {
    const share = facts.total > 0 && key !== "total" ? percent(count / facts.total, language) : "";
    const label = key === "total" ? texts.total : wordOf(texts, key);
    return `<div class="card ${key}"><b>${number(count)}</b><span>${esc(label)}</span><i>${share}</i></div>`;
  });
  return `<!doctype html><html lang="${esc(language)}"><head><meta charset="utf-8"><title>${esc(title)}</title><style>${reportStyle}</style></head><body>
<header><p class="brand">Pregonero</p><p class="kind">${esc(kind)}</p><h1>${esc(title)}</h1><p class="tenant">${esc(facts.tenant)}</p></header>
<dl>${table.map(([name = "", value = ""]) => `<div><dt>${esc(name)}</dt><dd>${esc(value)}</dd></div>`).join("")}</dl>
<h2>${esc(texts.result)}</h2><div class="cards">${cards.join("")}</div>${bar(facts)}
${bars(
  texts.errors,
  facts.errors.map(({ code, count }) => ({ label: code, count })),
  number,
)}
${bars(
  texts.devices,
  facts.devices.map(({ name, sent }) => ({ label: name, count: sent })),
  number,
)}
<h2 class="list">${esc(texts.list)}</h2>${rows.length < facts.total ? `<p class="cut">${esc(texts.listCut(rows.length, facts.total))}</p>` : ""}
${list(texts, jobType, rows)}</body></html>`;
}

const parts = ["sent", "completed", "failed", "unknown", "skipped", "cancelled"];

/** One bar of what became of all. */
function bar({ total, figures }: ReportFacts): string {
  const pieces = figures
    .filter(({ key, count }) => parts.includes(key) && count > 0)
    .map(
      ({ key, count }) => `<span class="${key}" style="width:${(100 * count) / Math.max(total, 1)}%"></span>`,
    );
  return `<div class="bar">${pieces.join("")}</div>`;
}

function bars(
  title: string,
  items: readonly { readonly label: string; readonly count: number }[],
  number: (value: number) => string,
): string {
  if (items.length === 0) return "";
  const most = Math.max(...items.map(({ count }) => count), 1);
  const lines = items.map(
    ({ label, count }) =>
      `<tr><td>${esc(label)}</td><td class="track"><span style="width:${(100 * count) / most}%"></span></td><td class="n">${number(count)}</td></tr>`,
  );
  return `<section><h2>${esc(title)}</h2><table class="bars">${lines.join("")}</table></section>`;
}

function list(texts: ReportTexts, jobType: ReportInput["jobType"], rows: readonly ReportRow[]): string {
  const sends = jobType === "send_messages";
  const { number, phone, domain, state, device, at, detail } = texts.columns;
  const head = [number, sends ? phone : domain, state, ...(sends ? [device] : []), at, detail];
  const body = rows.map((row) => {
    const when = row.at === null ? "" : row.at.toISOString().slice(0, 19).replace("T", " ");
    const mark = `<span class="state ${row.state}">${esc(wordOf(texts, row.state))}</span>`;
    const cells = [
      String(row.number),
      esc(row.who),
      mark,
      ...(sends ? [esc(row.device ?? "")] : []),
      when,
      esc(row.detail ?? ""),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<table class="rows"><thead><tr>${head.map((name) => `<th>${esc(name)}</th>`).join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function percent(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

function wordOf(texts: ReportTexts, state: string): string {
  return texts.words[state] ?? state;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function esc(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
