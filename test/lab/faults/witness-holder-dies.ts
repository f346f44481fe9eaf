import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const witnessHolderDies: Scenario = {
  name: "witness-holder-dies",
  about: "Of two nodes and a witness the holder's machine loses its power; the other takes over with the witness's vote.",
  cluster: "two nodes and a witness",
  strike: async ({ network }, { holder }) => {
    await holder.losePower();
    return async () => {
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: { ...moves("node.silent", "quorum.degraded", "node.returned", "quorum.restored"), holderAfter: "another" },
};
