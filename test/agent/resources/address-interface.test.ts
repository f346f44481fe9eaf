import { describe, expect, it } from "vitest";
import { findInterface, parseAddresses } from "../../../agent/resources/address-interface.ts";
import { parseSubnetAddress } from "../../../shared/domain/membership/ip-address.ts";

const link = (ifname: string, addresses: readonly Record<string, unknown>[], flags = ["BROADCAST", "UP", "LOWER_UP"]) => ({
  ifname,
  address: `02:00:00:00:00:0${ifname.at(-1)}`,
  flags,
  addr_info: addresses.map((address) => ({ scope: "global", ...address })),
});
const own = (local: string, prefixlen = 24, more: Record<string, unknown> = {}) => ({ local, prefixlen, ...more });
const found = (virtual: string, ...links: unknown[]) => {
  const parsed = parseSubnetAddress(virtual);
  if (parsed === null) throw new Error(`${virtual} was not read`);
  return findInterface(parsed, parseAddresses(JSON.stringify(links)));
};

describe("the interface for a virtual address", () => {
  it("is the one whose static address shares its subnet", () => {
    const links = [
      link("lo", [own("127.0.0.1", 8)], ["LOOPBACK", "UP"]),
      link("eth0", [own("198.51.100.1")]),
      link("eth1", [own("192.0.2.1")]),
    ];
    expect(found("192.0.2.10/24", ...links)).toEqual({ interfaceName: "eth1", mac: "02:00:00:00:00:01" });
  });

  it.each<[string, unknown, RegExp]>([
    ["none in the subnet", link("eth0", [own("198.51.100.1")]), /^no interface of this node has an address in its subnet$/],
    ["the node's own", link("eth0", [own("192.0.2.10")]), /^it is this node's own address on eth0/],
    ["a dynamic one", link("eth0", [own("192.0.2.1", 24, { dynamic: true, valid_life_time: 3_600 })]), /192.0.2.1\/24 of eth0 is dynamic/],
    ["another prefix", link("eth0", [own("192.0.2.1", 25)]), /its prefix is \/24, but eth0 has 192.0.2.1\/25/],
    ["an interface that is down", link("eth0", [own("192.0.2.1")], ["BROADCAST"]), /the interface eth0, .* is down/],
    ["another virtual address alone", link("eth0", [own("192.0.2.11", 24, { dynamic: true, valid_life_time: 2 })]), /^no interface/],
  ])("%s: refused, and says so", (_situation, one, reason) => {
    expect(found("192.0.2.10/24", one)).toEqual({ problem: expect.stringMatching(reason) as string });
  });

  it("one that an earlier guardian has left set is nobody's own", () => {
    const left = own("192.0.2.10", 24, { dynamic: true, valid_life_time: 1 });
    expect(found("192.0.2.10/24", link("eth0", [own("192.0.2.1"), left]))).toEqual({ interfaceName: "eth0", mac: "02:00:00:00:00:00" });
  });
});
