import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const framesRepeatedAndReordered: Scenario = {
  name: "frames-repeated-and-reordered",
  about: "Of the nodes' frames every third comes twice, and they overtake each other by up to 40 ms; nothing moves.",
  strike: async ({ network, hosts }) => {
    for (const { port } of hosts) await network.useBadCable(port.name, { delayMs: 10, jitterMs: 10, repeatedPercent: 33 });
    return () => network.healAll();
  },
  watchedMs: 5_000,
  expects: stays(),
};
