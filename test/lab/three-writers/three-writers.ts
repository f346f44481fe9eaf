import type { Scenario } from "../scenario.ts";
import { cut, ThreeWritersTrial } from "./three-writers-trial.ts";
import { wares } from "./wares.ts";

export const threeWriters: Scenario = {
  name: "three-writers",
  about:
    "One database is written on all three servers at once for a minute, while they are cut off, killed and started again; nothing is lost, and all end equal.",
  application: wares,
  trial: () => new ThreeWritersTrial(),
  strike: async (site, { holder, standbys }) => {
    await cut(site, holder, standbys);
    return async () => {
      await site.network.healAll();
      // Whoever was away so often is quarantined until somebody says that it is mended.
      for (const host of site.hosts) await host.readmit();
    };
  },
  expects: {
    holder: "anyone",
    told: ["node.silent", "node.returned", "replication.merged", "replication.caught-up"],
    silenceMsMax: 20_000,
    silenceAfterHealMsMax: 5_000,
  },
};
