import { stays } from "../expectations.ts";
import type { LabHost } from "../lab-host.ts";
import type { Scenario } from "../scenario.ts";
import type { Switch } from "../switch.ts";

export const onePathCut: Scenario = {
  name: "one-path-cut",
  about: "On the first of two networks the nodes hear each other no more; they do on the second, nothing moves, and the lost path is told.",
  hasSecondNetwork: true,
  strike: async ({ network, hosts }) => {
    await cutBetween(network, hosts);
    return () => network.healAll();
  },
  // The path is told after three seconds.
  watchedMs: 5_000,
  expects: stays("path.silent", "path.heard"),
};

/** Nothing that these hosts say reaches another one; the rest of the network works. */
export async function cutBetween(network: Switch, hosts: readonly LabHost[]): Promise<void> {
  for (const from of hosts) for (const to of hosts) if (to !== from) await network.drop(from.port.name, to.port.name);
}
