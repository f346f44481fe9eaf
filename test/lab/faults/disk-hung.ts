import { moves } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const diskHung: Scenario = {
  name: "disk-hung",
  about:
    "The standbys' disks hang, and the holder's machine loses its power; another takes over as quickly as ever, and no write is waited for.",
  strike: async ({ network }, { holder, standbys }) => {
    for (const { disk } of standbys) await disk.hang();
    await holder.losePower();
    return async () => {
      for (const { disk } of standbys) await disk.answerAgain();
      await network.healAll();
      await holder.powerOn();
    };
  },
  expects: moves("node.silent", "node.returned", "agent.started"),
};
