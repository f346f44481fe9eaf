import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { cutBetween } from "./one-path-cut.ts";

export const cloudWitnessLinkCut: Scenario = {
  name: "cloud-witness-link-cut",
  about:
    "Two nodes hear each other no more, and both the control plane, their witness: the holder has its vote and goes on, and the other one stays a standby.",
  cluster: "two nodes and the cloud",
  strike: async ({ network, hosts }) => {
    await cutBetween(network, hosts);
    return () => network.healAll();
  },
  // Longer than it takes until the control plane is asked again.
  watchedMs: 12_000,
  expects: {
    ...stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
    holderAfter: "the same",
    says: { who: "others", state: "standby" },
  },
};
