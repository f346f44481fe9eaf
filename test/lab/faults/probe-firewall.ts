import { agreedOn } from "../agreed-on.ts";
import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const probeFirewall: Scenario = {
  name: "probe-firewall",
  about:
    "A firewall between two nodes alone drops their packets; the standby finds that somebody answers for the address, and nothing moves.",
  cluster: "two nodes, probe",
  prepare: agreedOn,
  strike: async ({ network, hosts }) => {
    for (const from of hosts) for (const to of hosts) if (to !== from) await network.dropPackets(from.port.name, to.port.name);
    return () => network.healAll();
  },
  watchedMs: 4_000,
  expects: {
    ...stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
    holderAfter: "the same",
    says: { who: "others", state: "isolated", reason: "may go on alone, as both agreed" },
  },
};
