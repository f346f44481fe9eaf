/** An IP address as a number, so that two spellings of one address are equal and subnets can be told. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** An address and the length of its subnet's prefix. */
export interface SubnetAddress extends IpAddress {
  readonly prefixLength: number;
}

const bitsOf = { 4: 32, 6: 128 } as const;

/** `192.0.2.10` or `2001:db8::10`; null for anything else, as a host name. */
export function parseIpAddress(text: string): IpAddress | null {
  const value = text.includes(":") ? ipv6Value(text) : ipv4Value(text);
  return value === null ? null : { family: text.includes(":") ? 6 : 4, value };
}

/** `192.0.2.10/24`; null for anything else. */
export function parseSubnetAddress(text: string): SubnetAddress | null {
  const [, host = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseIpAddress(host);
  const prefixLength = Number(length);
  return address === null || prefixLength > bitsOf[address.family] ? null : { ...address, prefixLength };
}

export function isSameAddress(one: IpAddress, other: IpAddress): boolean {
  return one.family === other.family && one.value === other.value;
}

export function isInSubnet(address: IpAddress, subnet: SubnetAddress): boolean {
  return address.family === subnet.family && networkValue(address.value, subnet) === networkValue(subnet.value, subnet);
}

/** Why no host may have this address in its subnet, or null where one may. */
export function hostAddressProblem(address: SubnetAddress): string | null {
  const special = specialRanges.find(({ family, value, prefixLength }) => isInSubnet(address, { family, value, prefixLength }));
  if (special !== undefined) return `it is ${special.what}`;
  const hostBits = BigInt(bitsOf[address.family] - address.prefixLength);
  if (hostBits === 0n || address.prefixLength === 0) return `its prefix /${address.prefixLength} leaves no subnet that several nodes share`;
  // A subnet of two addresses (RFC 3021, RFC 6164) has neither a network nor a broadcast address.
  if (hostBits === 1n) return null;
  const hostPart = address.value & ((1n << hostBits) - 1n);
  if (hostPart === 0n)
    return address.family === 4 ? "it is the network address of its subnet" : "it is the routers' anycast address of its subnet";
  if (address.family === 4 && hostPart === (1n << hostBits) - 1n) return "it is the broadcast address of its subnet";
  return null;
}

const specialRanges: readonly (SubnetAddress & { readonly what: string })[] = [
  { ...range("0.0.0.0/8"), what: "no address of a host" },
  { ...range("127.0.0.0/8"), what: "a loopback address" },
  { ...range("169.254.0.0/16"), what: "a link-local address" },
  { ...range("224.0.0.0/4"), what: "a multicast address" },
  { ...range("240.0.0.0/4"), what: "a reserved address" },
  { ...range("::/127"), what: "an unspecified or loopback address" },
  { ...range("::ffff:0:0/96"), what: "an IPv4 address in IPv6 form" },
  { ...range("fe80::/10"), what: "a link-local address" },
  { ...range("ff00::/8"), what: "a multicast address" },
];

function range(text: string): SubnetAddress {
  const parsed = parseSubnetAddress(text);
  if (parsed === null) throw new Error(`${text} is no range`);
  return parsed;
}

function networkValue(value: bigint, subnet: SubnetAddress): bigint {
  return value >> BigInt(bitsOf[subnet.family] - subnet.prefixLength);
}

function ipv4Value(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  // Only the address's own last group may be written as an IPv4 address, not the last before `::`.
  if (halves.length === 2 && halves[0]?.includes(".") === true) return null;
  const [head, tail] = halves.map(ipv6Groups);
  if (head === null || head === undefined || tail === null) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The groups of one side of `::`; its last one may be written as an IPv4 address. */
function ipv6Groups(text: string): number[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const embedded = last.includes(".") ? ipv4Value(last) : undefined;
  if (embedded === null) return null;
  const plain = embedded === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => /^[0-9a-fA-F]{1,4}$/.test(part))) return null;
  const groups = plain.map((part) => Number.parseInt(part, 16));
  return embedded === undefined ? groups : [...groups, Number(embedded >> 16n), Number(embedded & 0xffffn)];
}
