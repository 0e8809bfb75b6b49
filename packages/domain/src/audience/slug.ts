const longestSlug = 80;

/** `¡Promo Enero 2026!` → `promo_enero_2026`. What has no letter or digit becomes `campaign`. */
export function slugOf(name: string): string {
  const slug = name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .slice(0, longestSlug)
    .replaceAll(/^_+|_+$/g, "");
  return slug === "" ? "campaign" : slug;
}
