import { stays } from "../expectations.ts";
import { nothingToHeal, type Scenario } from "../scenario.ts";

export const snapshotRestored: Scenario = {
  name: "snapshot-restored",
  about:
    "A standby's disk is put back to what it was one boot earlier; it finds that it has gone back in time, says so, and nothing moves.",
  strike: async (site, { standbys: [standby] }) => {
    if (standby === undefined) return nothingToHeal;
    const { disk } = standby;
    disk.takeSnapshot();
    for (const putBack of [false, true]) {
      await standby.losePower();
      if (putBack) disk.putBack();
      await site.network.healAll();
      await standby.powerOn();
      await site.healthy(30_000);
      // What a dead machine's kernel still has to send comes out as soon as the cable is back: its peers may count each of the two losses twice, and three are a quarantine.
      await standby.readmit();
    }
    return nothingToHeal;
  },
  expects: stays("agent.started", "node.rewound"),
};
