/** A website as somebody named it. */
export interface SiteAddress {
  /** The domain, in ASCII and lower case, with the port if it is not the scheme's own. */
  readonly name: string;
  /** What visits are spaced by. */
  readonly host: string;
  /** The page that is opened first. */
  readonly url: string;
}

export type SiteResult =
  | { readonly ok: true; readonly site: SiteAddress }
  | { readonly ok: false; readonly reason: string };

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const longestName = 253;

/**
 * Reads a line of a list of domains: `example.com`, `www.example.com:8443`, `https://example.com/anything`. Without a scheme
 * it is https. Whatever the line says about a page, the visit begins at the site's own: a step is a domain.
 */
export function readSite(line: string): SiteResult {
  const text = line.trim();
  if (text === "") return { ok: false, reason: "is empty" };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    return { ok: false, reason: `${scheme} is no scheme of websites` };
  }
  const given = scheme === undefined ? `https://${text}` : text;
  if (!URL.canParse(given)) return { ok: false, reason: "is not a domain" };
  const url = new URL(given);
  if (url.username !== "" || url.password !== "") return { ok: false, reason: "must not hold a password" };
  const name = url.hostname.replace(/\.$/, "");
  if (!isPublicName(name)) return { ok: false, reason: "is not a domain such as example.com" };
  url.hostname = name;
  return { ok: true, site: { name: url.host, host: url.host, url: `${url.origin}/` } };
}

/** A name with a dot in it whose end is no number: addresses, and names of this network, are nobody's website. */
function isPublicName(name: string): boolean {
  const labels = name.split(".");
  const last = labels.at(-1) ?? "";
  return (
    name.length <= longestName &&
    labels.length > 1 &&
    labels.every((part) => label.test(part)) &&
    /\D/.test(last)
  );
}
