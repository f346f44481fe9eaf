import { agreedOn } from "../agreed-on.ts";
import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { cutBetween } from "./one-path-cut.ts";

export const survivorLinkCut: Scenario = {
  name: "survivor-link-cut",
  about: "Two nodes of which one may go on alone hear each other no more; the holder goes on, and the other one runs nothing and says why.",
  cluster: "two nodes, survivor",
  prepare: agreedOn,
  strike: async ({ network, hosts }) => {
    await cutBetween(network, hosts);
    return () => network.healAll();
  },
  watchedMs: 3_000,
  expects: {
    ...stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
    holderAfter: "the same",
    says: { who: "others", state: "isolated", reason: "may go on alone, as both agreed" },
  },
};
