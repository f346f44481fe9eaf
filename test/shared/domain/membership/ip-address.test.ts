import { isIP } from "node:net";
import { array, assert, constantFrom, ipV4, ipV6, oneof, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hostAddressProblem,
  isInSubnet,
  isSameAddress,
  parseIpAddress,
  parseSubnetAddress,
} from "../../../../shared/domain/membership/ip-address.ts";

const parsed = (text: string) => {
  const address = parseSubnetAddress(text);
  if (address === null) throw new Error(`${text} was not read`);
  return address;
};

describe("IP addresses", () => {
  it.each([
    ["192.0.2.10", 0xc000020an],
    ["::", 0n],
    ["2001:db8::1", 0x20010db8000000000000000000000001n],
    ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
    ["64:ff9b::192.0.2.10", 0x0064ff9b0000000000000000c000020an],
  ])("%s is read", (text, value) => {
    expect(parseIpAddress(text)?.value).toBe(value);
  });

  it("exactly what the system takes for an address is one", () => {
    const parts = constantFrom(":", "::", ".", "0", "1", "255", "256", "01", "ffff", "10000", "a", "g", "fe80", "%eth0", " ");
    const texts = oneof(
      ipV4(),
      ipV6(),
      array(parts, { maxLength: 16 }).map((list) => list.join("")),
    );
    assert(
      property(texts, (text) => {
        // Scoped addresses are of one machine only, and never taken.
        expect(parseIpAddress(text)?.family ?? 0).toBe(text.includes("%") ? 0 : isIP(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["192.0.2.10", "192.0.2.10/33", "192.0.2.10/", "2001:db8::1/129", "host/24", "192.0.2.10/24/24"])(
    "%s is no address with a prefix",
    (text) => {
      expect(parseSubnetAddress(text)).toBeNull();
    },
  );

  it("spelling does not matter, the family does", () => {
    expect(isSameAddress(parsed("2001:db8:0:0::1/64"), parsed("2001:DB8::1/64"))).toBe(true);
    expect(isSameAddress(parsed("0.0.0.1/8"), parsed("::1/8"))).toBe(false);
  });

  it("a subnet holds its own addresses alone", () => {
    expect(isInSubnet(parsed("192.0.2.10/24"), parsed("192.0.2.200/25"))).toBe(false);
    expect(isInSubnet(parsed("192.0.2.140/32"), parsed("192.0.2.200/25"))).toBe(true);
    expect(isInSubnet(parsed("::1/64"), parsed("0.0.0.1/0"))).toBe(false);
  });

  it.each([
    ["192.0.2.10/24", null],
    ["192.0.2.0/31", null],
    ["2001:db8::10/64", null],
    ["192.0.2.0/24", "it is the network address of its subnet"],
    ["192.0.2.255/24", "it is the broadcast address of its subnet"],
    ["2001:db8::/64", "it is the routers' anycast address of its subnet"],
    ["192.0.2.10/32", "its prefix /32 leaves no subnet that several nodes share"],
    ["127.0.0.5/8", "it is a loopback address"],
    ["224.0.0.18/24", "it is a multicast address"],
    ["fe80::1/64", "it is a link-local address"],
    ["::1/64", "it is an unspecified or loopback address"],
  ])("as a virtual address, %s: %s", (text, problem) => {
    expect(hostAddressProblem(parsed(text))).toBe(problem);
  });
});
