import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const blackHole: Scenario = {
  name: "black-hole",
  about: "Nothing passes from and to the holder although its link is up; another takes over, and never do both answer.",
  strike: async ({ network }, { holder }) => {
    await network.blackHole(holder.port.name);
    return () => network.endBlackHole(holder.port.name);
  },
  expects: { ...moves("node.silent", "group.stepped-down"), silenceIsRecorded: true },
};
