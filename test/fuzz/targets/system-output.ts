import { ZodError } from "zod";
import { findInterface, parseAddresses } from "../../../agent/resources/address-interface.ts";
import { parseSubnetAddress } from "../../../shared/domain/membership/ip-address.ts";
import { type FuzzTarget, isA, jsonForm, jsonSeeds, promise, textOf, unless } from "../fuzz-target.ts";

const virtual = parseSubnetAddress("192.0.2.200/24");
const link = (ifname: string, flags: readonly string[], ...addr_info: readonly object[]) => ({
  ifindex: 2,
  ifname,
  flags,
  mtu: 1_500,
  operstate: "UP",
  link_type: "ether",
  address: "02:00:00:00:00:01",
  addr_info,
});
const four = { family: "inet", local: "192.0.2.1", prefixlen: 24, scope: "global", label: "eth0", valid_life_time: 4_294_967_295 };
const six = { family: "inet6", local: "2001:db8::1", prefixlen: 64, scope: "global", dynamic: true, valid_life_time: 2 };

export const systemOutput: FuzzTarget = {
  name: "system-output",
  reads: "what `ip -j address show` says of this machine's addresses",
  share: 14,
  seeds: jsonSeeds(
    [link("lo", ["LOOPBACK", "UP"], { local: "127.0.0.1", prefixlen: 8, scope: "host" }), link("eth0", ["BROADCAST", "UP"], four, six)],
    [link("eth1", ["UP"], { ...four, dynamic: true, valid_life_time: 1 })],
    [],
  ),
  form: jsonForm,
  execute: (input) =>
    unless(isA(ZodError, SyntaxError), () => {
      const addresses = parseAddresses(textOf(input));
      if (virtual === null) throw new Error("the virtual address is none");
      const found = findInterface(virtual, addresses);
      promise(
        "problem" in found ? found.problem !== "" : addresses.some(({ interfaceName }) => interfaceName === found.interfaceName),
        "an interface is chosen that is not there",
      );
      return addresses.length > 0 ? "accepted" : "refused";
    }),
};
