import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

/** Each frame passes two of these cables: 200 ms in all, less or more 100. */
const eachWay = { delayMs: 100, jitterMs: 50, repeatedPercent: 0 };

export const framesLate: Scenario = {
  name: "frames-late",
  about:
    "Frames between the nodes take 200 ms, less or more 100, as over a bad line between two sites: with the timing for that nothing moves.",
  timing: "patient",
  strike: async ({ network, hosts }) => {
    for (const { port } of hosts) await network.useBadCable(port.name, eachWay);
    return () => network.healAll();
  },
  watchedMs: 6_000,
  expects: stays(),
};
