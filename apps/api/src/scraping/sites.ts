import { readSite, type SiteAddress } from "@pregonero/domain";
import { validationProblem } from "../http/issues.ts";

/** As many lines as anybody reads of what is wrong. */
const mostErrors = 100;

/**
 * The sites of a list, each once.
 * @throws ApiProblem `validation_failed` with the lines that name none
 */
export function validSites(lines: readonly string[]): SiteAddress[] {
  const sites = new Map<string, SiteAddress>();
  const errors: { path: string; message: string }[] = [];
  lines.forEach((line, index) => {
    const read = readSite(line);
    if (!read.ok)
      errors.push({ path: `domains[${index}]`, message: `"${line.trim().slice(0, 60)}" ${read.reason}` });
    else if (!sites.has(read.site.name)) sites.set(read.site.name, read.site);
  });
  if (errors.length > 0) throw validationProblem(errors.slice(0, mostErrors));
  return [...sites.values()];
}
