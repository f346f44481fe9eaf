import { lanAddress } from "./lan.ts";
import type { Namespace } from "./namespace.ts";
import type { Switch } from "./switch.ts";

/** Its port at the switch. */
export const gatewayPort = "gateway";
const gatewayAddress = lanAddress(1);
const outside = "wan";
const outsideAddress = "10.79.0.1";

/** The one way from the lab's network to a machine outside it: a router between the two. */
export async function connectThroughGateway(network: Switch, far: Namespace, farAddress: string): Promise<void> {
  const { namespace } = await network.machine(gatewayPort, gatewayAddress);
  await namespace.setKernel({ "ipv4.ip_forward": 1 });
  await namespace.ip("link", "add", outside, "type", "veth", "peer", "name", outside, "netns", far.name);
  await namespace.ip("address", "add", `${outsideAddress}/24`, "dev", outside);
  await far.ip("address", "add", `${farAddress}/24`, "dev", outside);
  for (const end of [namespace, far]) await end.ip("link", "set", outside, "up");
  await far.ip("route", "add", "default", "via", outsideAddress);
}

/** The machine's way to whatever is not on the lab's network. */
export async function routeThroughGateway(namespace: Namespace): Promise<void> {
  await namespace.ip("route", "add", "default", "via", gatewayAddress);
}
