import type { Switch } from "./switch.ts";

/** Nothing passes between the two sides, by ARP or otherwise; what stands on neither reaches both. Ends with the network's `healAll`. */
export async function cutApart(network: Switch, some: readonly string[], others: readonly string[]): Promise<void> {
  for (const one of some) {
    for (const other of others) {
      await network.drop(one, other);
      await network.drop(other, one);
    }
  }
}
