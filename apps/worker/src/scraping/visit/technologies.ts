import type { ReportData } from "@pregonero/contracts";
import type { LookFor, PageFacts } from "./page-facts.ts";

type Technology = ReportData["technologies"][number];

interface Known {
  readonly name: string;
  readonly category: string;
  /** In addresses of scripts and style sheets; a first group is the version. */
  readonly asset?: RegExp;
  /** In the page's `generator`; a first group is the version. */
  readonly generator?: RegExp;
  /** A header of the document and what is in it; a first group is the version. */
  readonly header?: readonly [name: string, value: RegExp];
  /** A global variable, and where it keeps the version. */
  readonly global?: readonly [name: string, version: string];
  readonly selector?: string;
}

/** What a site shows of itself without being asked, one line a technology: add the next one here. */
const known: readonly Known[] = [
  {
    name: "WordPress",
    category: "cms",
    asset: /\/wp-(?:content|includes)\//,
    generator: /^WordPress ?([\d.]*)/,
  },
  {
    name: "WooCommerce",
    category: "shop",
    asset: /\/plugins\/woocommerce\//,
    generator: /^WooCommerce ?([\d.]*)/,
  },
  {
    name: "Elementor",
    category: "page builder",
    asset: /\/plugins\/elementor\//,
    generator: /^Elementor ?([\d.]*)/,
  },
  { name: "Yoast SEO", category: "seo", selector: "script.yoast-schema-graph" },
  { name: "Joomla", category: "cms", generator: /^Joomla!?/ },
  { name: "Drupal", category: "cms", generator: /^Drupal ?(\d*)/, header: ["x-generator", /^Drupal ?(\d*)/] },
  { name: "Ghost", category: "cms", generator: /^Ghost ?([\d.]*)/ },
  { name: "Wix", category: "site builder", generator: /^Wix\.com/, asset: /static\.parastorage\.com/ },
  {
    name: "Squarespace",
    category: "site builder",
    asset: /static1\.squarespace\.com/,
    global: ["Static.SQUARESPACE_CONTEXT", ""],
  },
  { name: "Webflow", category: "site builder", generator: /^Webflow/, selector: "html[data-wf-site]" },
  { name: "Shopify", category: "shop", asset: /cdn\.shopify\.com/, global: ["Shopify", ""] },
  { name: "PrestaShop", category: "shop", generator: /^PrestaShop/, global: ["prestashop", ""] },
  { name: "Magento", category: "shop", asset: /\/static\/version\d+\/frontend\// },
  { name: "VTEX", category: "shop", asset: /vtexassets\.com|\.vtex(?:img|commercestable)?\.com/ },
  { name: "Tiendanube", category: "shop", asset: /(?:tiendanube|mitiendanube|nuvemshop)\.com/ },
  { name: "Next.js", category: "framework", asset: /\/_next\/static\//, global: ["next", "next.version"] },
  { name: "Nuxt", category: "framework", asset: /\/_nuxt\//, global: ["__NUXT__", ""] },
  { name: "React", category: "framework", global: ["React", "React.version"], selector: "[data-reactroot]" },
  { name: "Vue.js", category: "framework", global: ["Vue", "Vue.version"], selector: "[data-v-app]" },
  { name: "Angular", category: "framework", selector: "[ng-version]" },
  { name: "AngularJS", category: "framework", global: ["angular", "angular.version.full"] },
  { name: "Svelte", category: "framework", selector: '[class*="svelte-"]' },
  { name: "Astro", category: "framework", generator: /^Astro v?([\d.]*)/ },
  {
    name: "jQuery",
    category: "library",
    asset: /\/jquery[.-](\d[\d.]*\d)(?:\.slim)?(?:\.min)?\.js/,
    global: ["jQuery", "jQuery.fn.jquery"],
  },
  {
    name: "Bootstrap",
    category: "library",
    asset: /bootstrap(?:@|[/-])?(\d[\d.]*\d)?.*\.(?:css|js)/,
    global: ["bootstrap.Tooltip", "bootstrap.Tooltip.VERSION"],
  },
  { name: "Tailwind CSS", category: "library", asset: /tailwind(?:css)?(?:[@.-][\d.]+)?/ },
  { name: "Font Awesome", category: "library", asset: /font-?awesome/ },
  { name: "Google Fonts", category: "fonts", asset: /fonts\.googleapis\.com/ },
  {
    name: "Google Tag Manager",
    category: "analytics",
    asset: /googletagmanager\.com\/gtm\.js/,
    global: ["google_tag_manager", ""],
  },
  {
    name: "Google Analytics",
    category: "analytics",
    asset: /googletagmanager\.com\/gtag|google-analytics\.com/,
    global: ["gaGlobal", ""],
  },
  {
    name: "Meta Pixel",
    category: "analytics",
    asset: /connect\.facebook\.net\/.*fbevents/,
    global: ["fbq", "fbq.version"],
  },
  { name: "Hotjar", category: "analytics", asset: /static\.hotjar\.com/, global: ["hj", ""] },
  { name: "Matomo", category: "analytics", asset: /(?:matomo|piwik)\.js/, global: ["Matomo", ""] },
  { name: "HubSpot", category: "marketing", asset: /js\.hs-(?:scripts|analytics)\.(?:com|net)/ },
  { name: "Mailchimp", category: "marketing", asset: /(?:chimpstatic|list-manage)\.com/ },
  { name: "Intercom", category: "chat", asset: /widget\.intercom\.io/, global: ["Intercom", ""] },
  { name: "Tawk.to", category: "chat", asset: /embed\.tawk\.to/, global: ["Tawk_API", ""] },
  { name: "Zendesk", category: "chat", asset: /static\.zdassets\.com/ },
  { name: "reCAPTCHA", category: "security", asset: /(?:google|recaptcha)\.(?:com|net)\/recaptcha/ },
  { name: "Cloudflare", category: "cdn", header: ["server", /^cloudflare/] },
  { name: "Fastly", category: "cdn", header: ["x-served-by", /^cache-/] },
  { name: "Amazon CloudFront", category: "cdn", header: ["via", /CloudFront/] },
  { name: "Vercel", category: "hosting", header: ["server", /^Vercel/] },
  { name: "Netlify", category: "hosting", header: ["server", /^Netlify/] },
  { name: "nginx", category: "server", header: ["server", /^nginx\/?([\d.]*)/] },
  { name: "Apache", category: "server", header: ["server", /^Apache\/?([\d.]*)/] },
  { name: "LiteSpeed", category: "server", header: ["server", /^LiteSpeed/] },
  { name: "Microsoft IIS", category: "server", header: ["server", /^Microsoft-IIS\/?([\d.]*)/] },
  { name: "PHP", category: "language", header: ["x-powered-by", /^PHP\/?([\d.]*)/] },
  { name: "ASP.NET", category: "language", header: ["x-powered-by", /^ASP\.NET/] },
  { name: "Express", category: "framework", header: ["x-powered-by", /^Express/] },
];

/** What the page is asked for. */
export const lookFor: LookFor = {
  globals: Object.fromEntries(known.flatMap(({ global }) => (global ? [global] : []))),
  selectors: known.flatMap(({ selector }) => (selector === undefined ? [] : [selector])),
};

/** Technologies that the page and its document's headers show. */
export function technologiesOf(facts: PageFacts, headers: Readonly<Record<string, string>>): Technology[] {
  const assets = [...facts.scripts, ...facts.styles];
  return known.flatMap((one) => {
    const signs = [
      ...assets.map((url) => one.asset?.exec(url)?.[1] ?? (one.asset?.test(url) ? "" : undefined)),
      matched(one.generator, facts.generator),
      one.header && matched(one.header[1], headers[one.header[0]]),
      one.global && facts.globals[one.global[0]],
      one.selector !== undefined && facts.markers.includes(one.selector) ? "" : undefined,
    ].filter((sign) => sign !== undefined);
    if (signs.length === 0) return [];
    const version = signs.find((sign) => sign !== "") ?? null;
    return [{ name: one.name, category: one.category, version }];
  });
}

/** The version, empty when the form has none; undefined when it does not match. */
function matched(form: RegExp | undefined, text: string | null | undefined): string | undefined {
  const found = text === null || text === undefined ? null : form?.exec(text);
  return found ? (found[1] ?? "") : undefined;
}
