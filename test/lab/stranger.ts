import { groupAddress } from "./lab-group.ts";
import type { LabSite } from "./lab-site.ts";
import { lanAddress, withPrefix } from "./lan.ts";
import type { Namespace } from "./namespace.ts";
import { device } from "./switch.ts";

/** A machine that is no node of the cluster has the group's address, too. Nothing on it answers the client. One that is back within seconds is the same conflict, which is told once. */
export async function strangerWithGroupAddress({ network }: LabSite, mac: string): Promise<Namespace> {
  const { namespace } = await network.machine("stranger", lanAddress(66));
  await namespace.ip("link", "set", device, "address", mac);
  await namespace.ip("address", "add", withPrefix(groupAddress), "dev", device);
  return namespace;
}
