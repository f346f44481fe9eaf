import { setTimeout as sleep } from "node:timers/promises";
import { stays } from "../expectations.ts";
import { gatewayPort } from "../gateway.ts";
import type { Scenario } from "../scenario.ts";

const standbyAwayMs = 1_500;

export const gatewayDead: Scenario = {
  name: "gateway-dead",
  about:
    "The gateway, which is the nodes' way to the cloud, loses its power, and then a standby's cable is out for a moment; nothing moves, and what was missed is told when the gateway is back.",
  strike: async ({ network }, { standbys: [standby] }) => {
    await network.pull(gatewayPort);
    if (standby !== undefined) {
      await network.pull(standby.port.name);
      await sleep(standbyAwayMs);
      await network.plugIn(standby.port.name);
    }
    return () => network.plugIn(gatewayPort);
  },
  watchedMs: 3_000,
  expects: stays("node.silent", "node.returned"),
};
