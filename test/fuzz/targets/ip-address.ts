import { isIP } from "node:net";
import { hostAddressProblem, parseIpAddress, parseSubnetAddress } from "../../../shared/domain/membership/ip-address.ts";
import { hostSchema } from "../../../shared/protocol/id-schemas.ts";
import { bytesOf, type FuzzTarget, promise, textOf } from "../fuzz-target.ts";

export const ipAddress: FuzzTarget = {
  name: "ip-address",
  reads: "addresses in documents and settings; read by the runtime too",
  share: 130,
  seeds: ["192.0.2.1/24", "2001:db8::1/64", "::ffff:192.0.2.1/96", "fe80::/10", "1:2:3:4:5:6:7:8/128", "host.example.com"].map(bytesOf),
  words: [":", "::", ".", "/", "%eth0", "0", "00", "256", "ffff", "g", "0x1", "/33", "/129", "/-1"],
  execute: (input) => {
    const text = textOf(input);
    const [host = ""] = text.split("/");
    const address = parseIpAddress(host);
    // A zone (`%eth0`) is no part of an address that others could use.
    const family = host.includes("%") ? 0 : isIP(host);
    promise((address?.family ?? 0) === family, `"${host}" is an address to one reader and none to the other`);
    promise(
      address === null || (address.value >= 0n && address.value < 2n ** (address.family === 4 ? 32n : 128n)),
      "an address is larger than addresses are",
    );
    promise(hostSchema.safeParse(host).success || family === 0, "an address is no host");
    const subnet = parseSubnetAddress(text);
    if (subnet === null) return address === null ? "refused" : "accepted";
    promise(hostAddressProblem(subnet) !== "", "an address is refused without saying why");
    return "accepted";
  },
};
