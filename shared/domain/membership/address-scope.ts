import { type IpAddress, isInSubnet, parseSubnetAddress, type SubnetAddress } from "./ip-address.ts";

/* Where an address lies: on the internet, in somebody's own network, or nowhere that a host could be. After the registries of RFC 6890. */

const mapped = subnet("::ffff:0:0/96");
/** What is routed on the internet at all; everything else of IPv6 is special. */
const routedIpv6 = subnet("2000::/3");
const notPublic: readonly SubnetAddress[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Teredo and what else carries an IPv4 address inside, 6to4, documentation.
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
].map(subnet);
const own: readonly SubnetAddress[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
].map(subnet);

/** An IPv4 address that is written as one of IPv6 is what it leads to. */
export function unmapped(address: IpAddress): IpAddress {
  return isInSubnet(address, mapped) ? { family: 4, value: address.value & 0xffff_ffffn } : address;
}

/** A host on the internet may have it; nothing that only a network of one's own leads to, in whatever spelling. */
export function isPublicAddress(address: IpAddress): boolean {
  const plain = unmapped(address);
  return (plain.family === 4 || isInSubnet(plain, routedIpv6)) && !notPublic.some((range) => isInSubnet(plain, range));
}

/** In a network that nobody is led to from the internet: loopback, private, and behind a provider's own translation. Not link-local, where clouds keep their metadata. */
export function isPrivateAddress(address: IpAddress): boolean {
  const plain = unmapped(address);
  return own.some((range) => isInSubnet(plain, range));
}

function subnet(text: string): SubnetAddress {
  const parsed = parseSubnetAddress(text);
  if (parsed === null) throw new Error(`${text} is no subnet`);
  return parsed;
}
