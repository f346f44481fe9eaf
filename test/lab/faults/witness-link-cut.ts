import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { cutBetween } from "./one-path-cut.ts";

export const witnessLinkCut: Scenario = {
  name: "witness-link-cut",
  about: "Two nodes hear each other no more, and both the witness: the holder has its vote and goes on, and the other one stays a standby.",
  cluster: "two nodes and a witness",
  strike: async ({ network, hosts }) => {
    await cutBetween(network, hosts);
    return () => network.healAll();
  },
  // Several leases long: the witness is asked for each renewal now.
  watchedMs: 3_000,
  expects: {
    ...stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
    holderAfter: "the same",
    says: { who: "others", state: "standby" },
  },
};
