import { inCidr, parseAddress, parseCidr, type Address, type Cidr } from "./addresses.ts";

interface Place {
  readonly host: string;
  readonly port: number;
}

/** Hosts that may be called although they are private. */
export interface AllowList {
  /** A name, whatever the port or on this one. */
  name(host: string, port?: number): boolean;
  /** Whether the name is there, and only with other ports than this. */
  otherPort(host: string, port: number): boolean;
  address(address: Address, port?: number): boolean;
}

/** Of a name or an address: in lower case, without the dot at the end and without brackets. */
export function plainHost(host: string): string {
  const lower = host.toLowerCase().replace(/\.$/, "");
  return lower.startsWith("[") && lower.endsWith("]") ? lower.slice(1, -1) : lower;
}

const withPort = /^(?<host>\[[0-9a-f:.]+\]|[^:/\s]+):(?<port>\d{1,5})$/i;
const hostName = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i;

function isCidr(entry: string): boolean {
  try {
    parseCidr(entry);
    return true;
  } catch {
    return false;
  }
}

/** Whether it can be a line of the list: a host, `host:port`, an address or a network such as 10.1.0.0/16. */
export function isAllowEntry(entry: string): boolean {
  if (isCidr(entry)) return true;
  const { host, port } = withPort.exec(entry)?.groups ?? {};
  if (host === undefined) return hostName.test(entry);
  return Number(port) <= 65_535 && (hostName.test(host) || parseAddress(host) !== undefined);
}

/** @throws RangeError for an entry that is none */
export function readAllowList(entries: readonly string[]): AllowList {
  const networks: Cidr[] = [];
  const names = new Set<string>();
  const places: Place[] = [];
  for (const entry of entries) {
    if (!isAllowEntry(entry)) throw new RangeError(`"${entry}" is no host, host:port or network`);
    const { host, port } = withPort.exec(entry)?.groups ?? {};
    if (isCidr(entry)) networks.push(parseCidr(entry));
    else if (host === undefined) names.add(plainHost(entry));
    else places.push({ host: normalised(host), port: Number(port) });
  }
  const at = (host: string, port: number | undefined): boolean =>
    places.some((place) => place.host === host && (port === undefined || place.port === port));
  return {
    name: (host, port) => names.has(plainHost(host)) || at(plainHost(host), port),
    otherPort: (host, port) =>
      !names.has(plainHost(host)) && at(plainHost(host), undefined) && !at(plainHost(host), port),
    address: (address, port) =>
      networks.some((network) => inCidr(address, network)) ||
      (port !== undefined && at(address.toString(), port)),
  };
}

/** Addresses are compared in one spelling. */
function normalised(host: string): string {
  return parseAddress(host)?.toString() ?? plainHost(host);
}
