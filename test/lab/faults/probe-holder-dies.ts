import { agreedOn } from "../agreed-on.ts";
import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const probeHolderDies: Scenario = {
  name: "probe-holder-dies",
  about:
    "The holder of two nodes alone loses its power; nobody answers for its address any more, the gateway does, and the other one takes over.",
  cluster: "two nodes, probe",
  prepare: agreedOn,
  strike: async ({ network }, { holder }) => {
    await holder.losePower();
    return async () => {
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: { ...moves("node.silent", "quorum.degraded", "group.claimed", "node.returned", "quorum.restored"), holderAfter: "another" },
};
