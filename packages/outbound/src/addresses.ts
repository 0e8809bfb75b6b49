import ipaddr from "ipaddr.js";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Cidr = readonly [Address, number];

// 168.63.129.16 is a public number that in Azure alone leads to the machine's own control plane.
const metadataAddresses: readonly Address[] = [ipaddr.IPv4.parse("168.63.129.16")];
// Whatever else IANA hands out some day is no address to send to yet.
const globalUnicast: Cidr = [ipaddr.IPv6.parse("2000::"), 3];
// A resolver that translates for hosts without IPv4 (DNS64) answers with these for public names.
const nat64: Cidr = [ipaddr.IPv6.parse("64:ff9b::"), 96];

/**
 * As DNS and `URL` write it, with or without brackets; undefined when it is a name.
 * Only four decimal numbers are IPv4 here: `URL` has already turned 0x7f.1, 017700000001 and 2130706433 into that.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? plain(ipaddr.IPv6.parse(bare)) : undefined;
}

/** ::ffff:10.0.0.1 is 10.0.0.1: the system connects to that. */
function plain(address: ipaddr.IPv6): Address {
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

export function inCidr(address: Address, [network, bits]: Cidr): boolean {
  if (address instanceof ipaddr.IPv4) return network instanceof ipaddr.IPv4 && address.match(network, bits);
  return network instanceof ipaddr.IPv6 && address.match(network, bits);
}

/** @throws when it is neither an address nor `address/bits` */
export function parseCidr(text: string): Cidr {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = parseAddress(text);
  if (address === undefined) throw new Error("not an address");
  return [address, address instanceof ipaddr.IPv4 ? 32 : 128];
}

function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}

/** Whether everybody on the Internet reaches the same machine there. Tunnels (6to4, Teredo) and anything reserved: no. */
export function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) {
    return address.range() === "unicast" && !metadataAddresses.some((known) => inCidr(address, [known, 32]));
  }
  if (inCidr(address, nat64)) return isPublic(embeddedIpv4(address));
  return address.range() === "unicast" && inCidr(address, globalUnicast);
}
