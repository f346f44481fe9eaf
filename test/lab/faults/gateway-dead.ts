import { stays } from "../expectations.ts";
import { gatewayPort } from "../gateway.ts";
import type { Scenario } from "../scenario.ts";

export const gatewayDead: Scenario = {
  name: "gateway-dead",
  about: "The gateway, which is the nodes' way to the cloud, loses its power; nothing moves, and what was missed is told when it is back.",
  strike: async ({ network }) => {
    await network.pull(gatewayPort);
    return () => network.plugIn(gatewayPort);
  },
  watchedMs: 3_000,
  expects: stays(),
};
