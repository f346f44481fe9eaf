import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const witnessHolderIsolated: Scenario = {
  name: "witness-holder-isolated",
  about:
    "Of two nodes and a witness the holder reaches neither other; it steps down before the other node takes over with the witness's vote.",
  cluster: "two nodes and a witness",
  strike: async ({ network }, { holder }) => {
    await network.blackHole(holder.port.name);
    return () => network.healAll();
  },
  watchedMs: 2_000,
  expects: {
    ...moves("node.silent", "quorum.degraded", "group.stepped-down", "group.safe-halt", "quorum.restored"),
    holderAfter: "another",
    says: { who: "holder", state: "safe-halt", reason: "reaches 1 of 3 voters and needs 2" },
  },
};
