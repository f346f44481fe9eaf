import { z } from "zod";
import {
  isInSubnet,
  isSameAddress,
  parseIpAddress,
  parseSubnetAddress,
  type SubnetAddress,
} from "../../shared/domain/membership/ip-address.ts";
import { type RunIp, runIp } from "./ip-tool.ts";

/** The lifetime, in seconds, that an agent gives a virtual address, and by which it is told from a node's own: the shortest that the kernel keeps reliably. */
export const lifetimeS = 2;

const interfaceSchema = z.object({
  ifname: z.string(),
  flags: z.array(z.string()),
  address: z.string().optional(),
  addr_info: z.array(
    z.object({
      local: z.string().optional(),
      prefixlen: z.int().optional(),
      scope: z.string().optional(),
      dynamic: z.boolean().optional(),
      valid_life_time: z.number().optional(),
    }),
  ),
});

export interface InterfaceAddress extends SubnetAddress {
  readonly interfaceName: string;
  /** Its hardware address; empty where it has none. */
  readonly mac: string;
  /** As the kernel writes it, with the prefix length. */
  readonly text: string;
  readonly scope: string;
  /** Up, no loopback, and with neighbours that are found by ARP or its like. */
  readonly isUsable: boolean;
  /** Given for a time, by DHCP or router advertisement. */
  readonly isDynamic: boolean;
  /** Dynamic, with a lifetime as short as only an agent gives. */
  readonly isVirtual: boolean;
}

/** All addresses of this machine. Throws where `ip` is missing or cannot be understood. */
export async function readAddresses(run: RunIp): Promise<readonly InterfaceAddress[]> {
  const result = await run(["address", "show"]);
  if (!result.ok) throw new Error(`the addresses of this machine cannot be read: ${result.reason}${installHint(result.missing)}`);
  return parseAddresses(result.output);
}

function installHint(isMissing: boolean): string {
  return isMissing ? ": install the package iproute2" : "";
}

/** What `ip -j address show` says. */
export function parseAddresses(output: string): readonly InterfaceAddress[] {
  return z
    .array(interfaceSchema)
    .parse(JSON.parse(output))
    .flatMap(({ ifname, flags, address: mac = "", addr_info }) => {
      const isUsable = flags.includes("UP") && !flags.includes("LOOPBACK") && !flags.includes("NOARP");
      return addr_info.flatMap(({ local = "", prefixlen = 0, scope = "global", dynamic = false, valid_life_time = Infinity }) => {
        const text = `${local}/${prefixlen}`;
        const parsed = parseSubnetAddress(text);
        if (parsed === null) return [];
        return [
          {
            ...parsed,
            interfaceName: ifname,
            mac,
            text,
            scope,
            isUsable,
            isDynamic: dynamic,
            isVirtual: dynamic && valid_life_time <= lifetimeS,
          },
        ];
      });
    });
}

/** The interface to set a virtual address on, or why this node can have it on none. */
export function findInterface(
  virtual: SubnetAddress,
  all: readonly InterfaceAddress[],
): { readonly interfaceName: string; readonly mac: string } | { readonly problem: string } {
  const own = all.find((address) => isSameAddress(address, virtual) && !address.isVirtual);
  if (own !== undefined) return { problem: `it is this node's own address on ${own.interfaceName}: a virtual address belongs to no node` };
  const near = all.filter((address) => !address.isVirtual && address.scope === "global" && isInSubnet(virtual, address));
  const usable = near.filter(({ isUsable }) => isUsable);
  const fixed = usable.filter(({ isDynamic }) => !isDynamic);
  const exact = fixed.find(({ prefixLength }) => prefixLength === virtual.prefixLength);
  if (exact !== undefined) return { interfaceName: exact.interfaceName, mac: exact.mac };
  const [other] = fixed;
  if (other !== undefined)
    return {
      problem: `its prefix is /${virtual.prefixLength}, but ${other.interfaceName} has ${other.text}: give it the prefix of its subnet`,
    };
  const [dynamic] = usable;
  if (dynamic !== undefined)
    return { problem: `the address ${dynamic.text} of ${dynamic.interfaceName} is dynamic: give this interface a static address` };
  const [down] = near;
  if (down !== undefined) return { problem: `the interface ${down.interfaceName}, which lies in its subnet, is down or has no neighbours` };
  return { problem: "no interface of this node has an address in its subnet" };
}

/** Takes a virtual address off wherever it is set, and says whether it was. Throws where the kernel keeps it. */
export async function removeVirtualAddress(virtual: SubnetAddress): Promise<boolean> {
  const set = (await readAddresses(runIp)).filter((address) => isSameAddress(address, virtual) && address.isVirtual);
  for (const { text, interfaceName } of set) await deleteAddress(runIp, text, interfaceName);
  return set.length > 0;
}

/** Throws where the kernel keeps it; one that has gone already is no error. */
export async function deleteAddress(run: RunIp, text: string, interfaceName: string): Promise<void> {
  const result = await run(["address", "delete", text, "dev", interfaceName]);
  if (result.ok || /Cannot assign requested address|Cannot find device|Address not found/.test(result.reason)) return;
  throw new Error(`address ${text} cannot be taken off ${interfaceName}: ${result.reason}`);
}

/** A document's address in the two forms that are needed here. Throws for anything that the document's rules do not let through. */
export function readVirtualAddress(text: string): { readonly subnet: SubnetAddress; readonly host: string } {
  const subnet = parseSubnetAddress(text);
  const [host = ""] = text.split("/");
  if (subnet === null || parseIpAddress(host) === null) throw new Error(`${text} is not an address with its prefix length`);
  return { subnet, host };
}
