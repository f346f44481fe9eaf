import { Namespace } from "./namespace.ts";
import { Prober, type Way } from "./prober.ts";
import type { Port, Switch } from "./switch.ts";

export interface WatchPostOptions {
  /** Of the namespace that is made for it. */
  readonly namespaceName: string;
  /** Ports of the machines that are watched. */
  readonly ports: readonly Port[];
  readonly groupAddress: string;
  /** The last part of its first own address; each machine takes one more. */
  readonly firstAddress: number;
  readonly logFile: string;
}

/**
 * Asks every machine by itself, whatever the network believes about where the address is, and past every fault of the switch: who
 * answers here has the address, whether or not a client can see it. So two that answer at once are found however they are cut off.
 */
export async function openWatchPost(theSwitch: Switch, options: WatchPostOptions): Promise<Prober> {
  const { namespaceName, ports, groupAddress, firstAddress, logFile } = options;
  const namespace = await Namespace.create(namespaceName);
  // Each way has its own port and address, and answers to ARP for no other.
  await namespace.setKernel({ "conf.all.arp_ignore": 1, "conf.all.arp_announce": 2, "conf.all.rp_filter": 0, "conf.default.rp_filter": 0 });
  const ways: Way[] = [];
  for (const [index, { name, mac }] of ports.entries()) {
    const from = `10.77.0.${firstAddress + index}`;
    const table = String(100 + index);
    const own = await theSwitch.instrument(namespace, name, from);
    await namespace.ip("neighbour", "add", groupAddress, "lladdr", mac, "dev", own, "nud", "permanent");
    await namespace.ip("route", "add", `${groupAddress}/32`, "dev", own, "src", from, "table", table);
    await namespace.ip("rule", "add", "from", from, "table", table);
    ways.push({ label: name, from, to: groupAddress });
  }
  return new Prober(namespace, ways, logFile);
}
