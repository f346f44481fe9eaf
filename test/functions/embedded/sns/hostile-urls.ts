import { networkInterfaces } from "node:os";

/** Addresses that only this machine, its network or its cloud has: loopback, nobody, metadata services, private networks. */
const targets = [
  "127.0.0.1",
  "127.8.9.10",
  "0.0.0.0",
  "169.254.169.254",
  "100.100.100.200",
  "192.0.0.192",
  "10.1.2.3",
  "172.16.5.6",
  "192.168.1.1",
];

const octets = (address: string): number[] => address.split(".").map(Number);
const number = (address: string): number => octets(address).reduce((value, octet) => value * 256 + octet, 0);
const hex = (value: number, digits = 0): string => value.toString(16).padStart(digits, "0");
const groups = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = octets(address);
  return `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
};
const fullWidth = (text: string): string => text.replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const percent = (text: string): string => text.replace(/./gu, (character) => `%${hex(character.codePointAt(0) ?? 0, 2)}`);

/** Every way in which a URL parser takes an IPv4 address. */
function spellings(address: string): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = octets(address);
  return [
    address,
    `${address}.`,
    String(number(address)),
    `0x${hex(number(address))}`,
    `0${number(address).toString(8)}`,
    octets(address)
      .map((octet) => `0x${hex(octet)}`)
      .join("."),
    octets(address)
      .map((octet) => `0${octet.toString(8)}`)
      .join("."),
    octets(address)
      .map((octet) => `00000${octet.toString(8)}`)
      .join("."),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b * 65_536 + c * 256 + d}`,
    `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    fullWidth(address),
    address.replaceAll(".", "。"),
    percent(address),
    `[::ffff:${address}]`,
    `[::ffff:${groups(address)}]`,
    `[0:0:0:0:0:ffff:${groups(address)}]`,
    `[::${address}]`,
    `[64:ff9b::${groups(address)}]`,
    `[64:ff9b:1::${groups(address)}]`,
    `[2002:${groups(address)}::1]`,
    `[2001:0:${groups(address)}::1]`,
  ];
}

const names = ["localhost", "LOCALHOST", "localhost.", "LocalHost.", "ip6-localhost", "ｌocalhost", "%6cocalhost"];
const ipv6 = ["[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]", "[fd12:3456::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]"]; // biome-ignore format: one list

/** URLs that lead to `port` on this machine, or to where nothing on the internet is. None of them may be connected to. */
export function hostileUrls(port: number): readonly string[] {
  const own = Object.values(networkInterfaces()).flatMap((found) =>
    (found ?? []).map(({ address, family }) => (family === "IPv6" ? `[${address.replace(/%.*/, "")}]` : address)),
  );
  const hosts = [
    ...targets.flatMap(spellings),
    ...ipv6,
    ...names,
    ...own.filter((host) => /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[f[cde]|\[::1)/.test(host)),
  ];
  return [
    ...hosts.map((host) => `http://${host}:${port}/`),
    `https://127.0.0.1:${port}/`,
    `HTTP://127.0.0.1:${port}/`,
    `http:127.0.0.1:${port}/`,
    `http:/127.0.0.1:${port}/`,
    `http:///127.0.0.1:${port}/`,
    `http:\\\\127.0.0.1:${port}\\`,
    `http://127.0.0.1:${port}\\@example.com/`,
    `http://example.com@127.0.0.1:${port}/`,
    `http://user:secret@127.0.0.1:${port}/`,
    `http://example.com:80@127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}#@example.com/`,
    `http://127.0.0.1:${port}?@example.com/`,
    `http://127.0.0.1:${port}/\r\nHost: x`,
    `http://127.0.0.\t1:${port}/`,
    ` http://127.0.0.1:${port}/`,
    ...[22, 25, 53, 110, 143, 445, 465, 587, 993].map((service) => `http://example.com:${service}/`),
    ...["ftp", "file", "gopher", "dict", "ldap", "ws", "wss", "data", "javascript", "jar", "unix"].map(
      (scheme) => `${scheme}://127.0.0.1:${port}/`,
    ),
  ];
}
