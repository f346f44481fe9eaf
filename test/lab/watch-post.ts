import type { LabHost } from "./lab-host.ts";
import { groupAddress } from "./lab-host.ts";
import { Namespace } from "./namespace.ts";
import { Prober, type Way } from "./prober.ts";
import type { Switch } from "./switch.ts";

const firstAddress = 41;

/**
 * Asks every host by itself, whatever the network believes about where the address is, and past every fault of the switch: who
 * answers here has the address, whether or not a client can see it. So two that answer at once are found however they are cut off.
 */
export async function openWatchPost(prefix: string, theSwitch: Switch, hosts: readonly LabHost[], logFile: string): Promise<Prober> {
  const namespace = await Namespace.create(`${prefix}-watch`);
  // Each way has its own port and address, and answers to ARP for no other.
  await namespace.setKernel({ "conf.all.arp_ignore": 1, "conf.all.arp_announce": 2, "conf.all.rp_filter": 0, "conf.default.rp_filter": 0 });
  const ways: Way[] = [];
  for (const [index, host] of hosts.entries()) {
    const from = `10.77.0.${firstAddress + index}`;
    const table = String(100 + index);
    const port = await theSwitch.instrument(namespace, host.name, from);
    await namespace.ip("neighbour", "add", groupAddress, "lladdr", host.port.mac, "dev", port, "nud", "permanent");
    await namespace.ip("route", "add", `${groupAddress}/32`, "dev", port, "src", from, "table", table);
    await namespace.ip("rule", "add", "from", from, "table", table);
    ways.push({ label: host.name, from, to: groupAddress });
  }
  return new Prober(namespace, ways, logFile);
}
