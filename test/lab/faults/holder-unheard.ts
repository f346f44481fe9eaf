import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const holderUnheard: Scenario = {
  name: "holder-unheard",
  about: "What the holder sends does not reach the other nodes, and it hears them well; it steps down before another takes over.",
  strike: async ({ network }, { holder, standbys }) => {
    for (const standby of standbys) await network.drop(holder.port.name, standby.port.name);
    return async () => {
      for (const standby of standbys) await network.endDrop(holder.port.name, standby.port.name);
    };
  },
  expects: moves("node.silent", "group.stepped-down"),
};
