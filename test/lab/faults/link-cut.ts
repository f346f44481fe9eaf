import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const linkCut: Scenario = {
  name: "link-cut",
  about: "The holder's cable is pulled; another takes over, and the holder has let the address go before it is plugged in again.",
  strike: async ({ network }, { holder }) => {
    await network.pull(holder.port.name);
    return () => network.plugIn(holder.port.name);
  },
  expects: moves("node.silent", "group.stepped-down"),
};
