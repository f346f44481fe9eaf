import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";
import { witnessOf } from "../witness-of.ts";

export const witnessDies: Scenario = {
  name: "witness-dies",
  about:
    "The witness's machine loses its power; the nodes have each other's votes, and nothing moves but the alarm that another loss may stop the service.",
  cluster: "two nodes and a witness",
  strike: async (site) => {
    const witness = witnessOf(site);
    await witness.losePower();
    return async () => {
      await site.network.healAll();
      await witness.powerOn();
    };
  },
  expects: {
    ...stays("node.silent", "quorum.degraded", "node.returned", "quorum.restored"),
    holderAfter: "the same",
    says: { who: "holder", state: "operational" },
  },
};
