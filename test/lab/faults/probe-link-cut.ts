import { agreedOn } from "../agreed-on.ts";
import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const probeLinkCut: Scenario = {
  name: "probe-link-cut",
  about:
    "The cable of the holder of two nodes alone is pulled; it steps down, since no gateway answers it either, and the other one takes over.",
  cluster: "two nodes, probe",
  prepare: agreedOn,
  strike: async ({ network }, { holder }) => {
    await network.pull(holder.port.name);
    return () => network.plugIn(holder.port.name);
  },
  watchedMs: 2_000,
  expects: {
    ...moves("node.silent", "group.stepped-down", "group.safe-halt", "group.claimed", "quorum.restored"),
    holderAfter: "another",
    says: { who: "holder", state: "safe-halt", reason: "neither the other one nor a gateway answers" },
  },
};
