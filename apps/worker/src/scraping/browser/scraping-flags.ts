import type { OwnFlags } from "../../browser/launch-options.ts";

/** Memory that one page's scripts may take, MB: a page that wants more loses its renderer and nothing else. */
const pageHeapMb = 384;

/** Parts of Chromium that nobody looks at here and that cost processes or time for each context. */
const features = [
  "SpareRendererForSitePerProcess",
  "BackForwardCache",
  "Translate",
  "MediaRouter",
  "OptimizationHints",
  "InterestFeedContentSuggestions",
  "LensOverlay",
  "TabHoverCardImages",
  "SidePanelPinning",
  "GlobalMediaControls",
  "AutofillServerCommunication",
];

export interface ScrapingFlagSettings {
  readonly userAgent: string;
  /** SHA-256 of public keys (base64) whose certificates count as valid: sites of a private authority. */
  readonly trustedKeys: readonly string[];
}

/** Flags of the browser that visits strangers' websites: everything it does on the network goes through the proxy. */
export function scrapingFlags({ userAgent, trustedKeys }: ScrapingFlagSettings): OwnFlags {
  return {
    features,
    flags: [
      `--user-agent=${userAgent}`,
      // WebRTC would send UDP past the proxy, to any address that a page names.
      "--webrtc-ip-handling-policy=disable_non_proxied_udp",
      "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
      "--dns-prefetch-disable",
      "--no-pings",
      "--disable-extensions",
      "--mute-audio",
      "--autoplay-policy=user-gesture-required",
      "--deny-permission-prompts",
      `--js-flags=--max-old-space-size=${pageHeapMb}`,
      ...(trustedKeys.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${trustedKeys.join(",")}`]),
    ],
  };
}
