import { lookup } from "node:dns/promises";
import type { NodeId } from "../../shared/domain/ids.ts";
import type { ClusterDocument } from "../../shared/domain/membership/cluster-document.ts";
import { isSameAddress, parseIpAddress } from "../../shared/domain/membership/ip-address.ts";
import type { AddressFact, OwnAddress, Seen, VirtualAddressFact } from "../../shared/domain/preflight/preflight-facts.ts";
import type { AgentSettings } from "../config/agent-settings.ts";
import { ownHosts } from "../config/lan-addresses.ts";
import { guardedResources } from "../node/guarded-resources.ts";
import { findInterface, type InterfaceAddress, readVirtualAddress } from "../resources/address-interface.ts";
import { within } from "./within.ts";

const resolveMs = 5_000;

/** `all`: this server's addresses, or why they cannot be read. */
export function lookAtAddresses({ listen }: AgentSettings, all: Seen<readonly InterfaceAddress[]>): Promise<readonly AddressFact[]> {
  return Promise.all(
    ownHosts(listen).map(async (own) => ({ ...own, found: "problem" in all ? all : await ownAddress(own.host, all.value) })),
  );
}

async function ownAddress(host: string, all: readonly InterfaceAddress[]): Promise<Seen<OwnAddress | null>> {
  const resolved = await within(resolveMs, lookup(host));
  if ("problem" in resolved) return resolved;
  const wanted = parseIpAddress(resolved.value.address);
  const own = wanted === null ? undefined : all.find((address) => isSameAddress(address, wanted));
  if (own === undefined) return { value: isLoopback(resolved.value.address) ? loopbackAddress(resolved.value.address) : null };
  const { interfaceName, text, isUsable, isDynamic } = own;
  return { value: { interfaceName, address: text, isLoopback: isLoopback(resolved.value.address), isUsable, isDynamic } };
}

/** The whole network 127.0.0.0/8 is this machine's, although only one address of it stands on the interface. */
function loopbackAddress(address: string): OwnAddress {
  return { interfaceName: "lo", address, isLoopback: true, isUsable: true, isDynamic: false };
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** Those of the groups in whose order the node stands. */
export function lookAtVirtualAddresses(
  document: ClusterDocument,
  nodeId: NodeId,
  all: Seen<readonly InterfaceAddress[]>,
): readonly VirtualAddressFact[] {
  const own = document.groups.filter(({ order }) => order.includes(nodeId));
  return own.flatMap(({ name: group }) =>
    guardedResources(document, group).flatMap((resource) => {
      if (resource.kind !== "address") return [];
      const { name, address } = resource;
      return [{ group, name, address, interfaceName: "problem" in all ? all : interfaceOf(address, all.value) }];
    }),
  );
}

function interfaceOf(address: string, all: readonly InterfaceAddress[]): Seen<string> {
  const found = findInterface(readVirtualAddress(address).subnet, all);
  return "problem" in found ? found : { value: found.interfaceName };
}
