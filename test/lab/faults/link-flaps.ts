import { setTimeout as sleep } from "node:timers/promises";
import type { Scenario } from "../scenario.ts";

/** Some shorter than a lease, some longer. */
const downsMs = [50, 200, 400, 800, 100, 1_000, 300, 600];
const upMs = 400;

export const linkFlaps: Scenario = {
  name: "link-flaps",
  about:
    "The holder's cable is pulled and plugged in again eight times within seconds; whatever moves, never do two answer, and all is well once it is readmitted.",
  strike: async ({ network }, { holder }) => {
    for (const downMs of downsMs) {
      await network.pull(holder.port.name);
      await sleep(downMs);
      await network.plugIn(holder.port.name);
      await sleep(upMs);
    }
    // Who was away so often is quarantined until somebody says that it is mended.
    return () => holder.readmit();
  },
  expects: { holder: "anyone", told: ["node.silent", "node.returned"], silenceMsMax: 5_000, silenceAfterHealMsMax: 500 },
};
