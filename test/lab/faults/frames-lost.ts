import { stays } from "../expectations.ts";
import type { Scenario } from "../scenario.ts";

export const framesLost: Scenario = {
  name: "frames-lost",
  about: "Every fifth frame between the nodes is lost for a while; whatever moves, never do two answer, and all is well afterwards.",
  strike: async ({ network, hosts }) => {
    for (const one of hosts) for (const other of hosts) if (one !== other) await network.lose(one.port.name, other.port.name);
    return () => network.healAll();
  },
  expects: { ...stays(), holder: "anyone", silenceMsMax: 6_000 },
};
