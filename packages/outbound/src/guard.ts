import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { promisify } from "node:util";
import type { LookupFunction } from "node:net";
import { isPublic, parseAddress } from "./addresses.ts";
import { plainHost, readAllowList } from "./allow-list.ts";
import { OutboundRefused } from "./refusal.ts";

interface OutboundAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export interface OutboundGuardOptions {
  /**
   * Allowed although private: a host, `host:port` (that host on that port alone), an address or a network in CIDR
   * notation. A name with a port never lets its addresses be reached under another name.
   */
  readonly allow: readonly string[];
  /** The only ports of hosts that are not in `allow`; any when empty. */
  readonly ports?: readonly number[];
  /** The system's resolver otherwise. */
  readonly resolver?: (hostname: string) => Promise<readonly OutboundAddress[]>;
}

/** Keeps calls to addresses that users give away from the network that we stand in. */
export interface OutboundGuard {
  /** What can be told without DNS. Needed before each call and redirect: sockets look no IP address up.
   * @throws OutboundRefused */
  checkUrl(url: string | URL): void;
  /** @throws OutboundRefused if any of its addresses is private and not allowed; DNS errors as they come */
  resolve(hostname: string): Promise<OutboundAddress[]>;
  /** For `net.connect`, `http.request` and undici's `connect`: what was checked is what gets connected to. */
  readonly lookup: LookupFunction;
}

const systemResolver = async (hostname: string): Promise<readonly OutboundAddress[]> => {
  const found = await promisify(systemLookup)(hostname, { all: true, verbatim: true });
  return found.map(asAddress);
};

function asAddress({ address, family }: LookupAddress): OutboundAddress {
  return { address, family: family === 6 ? 6 : 4 };
}

const privateAddress = (): OutboundRefused =>
  new OutboundRefused(
    "private_address",
    "The address is in a private network. Only what is reachable from the Internet can be called.",
  );

// RFC 6761: resolvers may answer for these whatever they like, always with this machine.
const ownNames = /(^|\.)localhost$/;

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function parseUrl(url: string | URL): URL {
  if (URL.canParse(String(url))) {
    const parsed = new URL(url);
    if (parsed.protocol === "https:" || parsed.protocol === "http:") return parsed;
  }
  throw new OutboundRefused("scheme", "The address must begin with https:// or http://.");
}

/** @throws RangeError for an entry of `allow` that is none */
export function createOutboundGuard({
  allow,
  ports = [],
  resolver = systemResolver,
}: OutboundGuardOptions): OutboundGuard {
  const allowed = readAllowList(allow);

  function checkUrl(given: string | URL): void {
    const url = parseUrl(given);
    if (url.username !== "" || url.password !== "") {
      throw new OutboundRefused("credentials", "The address must not contain a user name or password.");
    }
    const host = plainHost(url.hostname);
    const port = portOf(url);
    const address = parseAddress(host);
    const listed = address === undefined ? allowed.name(host, port) : allowed.address(address, port);
    if (listed) return;
    if (address === undefined ? ownNames.test(host) : !isPublic(address)) throw privateAddress();
    if ((ports.length > 0 && !ports.includes(port)) || allowed.otherPort(host, port)) {
      throw new OutboundRefused("port", `Port ${port} may not be called.`);
    }
  }

  async function resolve(hostname: string): Promise<OutboundAddress[]> {
    const host = plainHost(hostname);
    const literal = parseAddress(host);
    if (literal === undefined && ownNames.test(host) && !allowed.name(host)) throw privateAddress();
    const found =
      literal === undefined
        ? await resolver(host)
        : [{ address: literal.toString(), family: literal.kind() === "ipv6" ? (6 as const) : (4 as const) }];
    if (allowed.name(host)) return [...found];
    for (const { address } of found) {
      const parsed = parseAddress(address);
      // What cannot be read (a zone behind it, fe80::1%eth0) is local by nature.
      if (parsed === undefined || !(isPublic(parsed) || allowed.address(parsed))) throw privateAddress();
    }
    return [...found];
  }

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => answer(hostname, found, options, callback),
      (error: NodeJS.ErrnoException) => callback(error, ""),
    );
  };
  return { checkUrl, resolve, lookup };
}

type LookupParameters = Parameters<LookupFunction>;

function answer(
  hostname: string,
  found: readonly OutboundAddress[],
  options: LookupParameters[1],
  callback: LookupParameters[2],
): void {
  const family = options.family === 6 || options.family === "IPv6" ? 6 : options.family ? 4 : undefined;
  const usable = found.filter((one) => family === undefined || one.family === family);
  const first = usable[0];
  if (first === undefined) {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), {
      code: "ENOTFOUND",
      hostname,
    });
    callback(error, "");
  } else if (options.all) callback(null, [...usable]);
  else callback(null, first.address, first.family);
}
