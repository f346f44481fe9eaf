import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const holderDeaf: Scenario = {
  name: "holder-deaf",
  about: "What the other nodes send does not reach the holder, and they hear it well; it steps down before another takes over.",
  strike: async ({ network }, { holder, standbys }) => {
    for (const standby of standbys) await network.drop(standby.port.name, holder.port.name);
    return () => network.healAll();
  },
  expects: moves("group.stepped-down"),
};
