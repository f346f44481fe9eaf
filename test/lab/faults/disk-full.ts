import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const diskFull: Scenario = {
  name: "disk-full",
  about:
    "Every machine's disk is full, and the holder's machine loses its power; another takes over, and tells it all when there is space again.",
  strike: async ({ hosts, network }, { holder }) => {
    for (const { disk } of hosts) disk.fill();
    await holder.losePower();
    return async () => {
      for (const { disk } of hosts) disk.empty();
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: moves("node.silent", "node.returned", "agent.started"),
};
