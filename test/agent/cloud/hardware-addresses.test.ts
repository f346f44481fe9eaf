import { describe, expect, it } from "vitest";
import { hardwareAddresses } from "../../../agent/cloud/hardware-addresses.ts";
import { enrolSchema } from "../../../shared/protocol/api-contract.ts";

const at = (mac: string) => ({ address: "192.0.2.1", netmask: "255.255.255.0", family: "IPv4" as const, mac, internal: false, cidr: null });

describe("hardware addresses, by which a licence names a server", () => {
  it("each once, in lower case and sorted; neither loopback's nor one of many machines", () => {
    const interfaces = {
      lo: [at("00:00:00:00:00:00")],
      eth1: [at("02:00:5E:10:00:0B"), at("02:00:5e:10:00:0b")],
      eth0: [at("02:00:5e:10:00:0a")],
      odd: [at("01:00:5e:00:00:01")],
    };
    expect(hardwareAddresses(interfaces)).toEqual(["02:00:5e:10:00:0a", "02:00:5e:10:00:0b"]);
  });

  it("those of this machine, however many, are what an enrolment takes", () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, nic) => [`eth${nic}`, [at(`02:00:5e:10:00:${String(nic).padStart(2, "0")}`)]]),
    );
    for (const addresses of [hardwareAddresses(), hardwareAddresses(many)])
      expect(enrolSchema.shape.hardwareAddresses.safeParse(addresses).success).toBe(true);
  });
});
