import type { PriorityGroup } from "../../shared/domain/membership/cluster-document.ts";
import { withPrefix } from "./lan.ts";

export const hostNames = ["node-a", "node-b", "node-c"] as const;
export type HostName = (typeof hostNames)[number];

/** A priority group of the lab's cluster. What its holder has is one address, at which the client asks. */
export interface LabGroup {
  readonly name: string;
  readonly address: string;
  /** Preferred first. */
  readonly order: readonly HostName[];
  readonly failback: PriorityGroup["failback"];
}

export const groupAddress = "10.77.0.100";

const defaultGroup: LabGroup = { name: "default", address: groupAddress, order: hostNames, failback: { mode: "manual" } };

/** One group, as most scenarios have it, with an address of either family. */
export const oneGroup: Readonly<Record<4 | 6, readonly LabGroup[]>> = {
  4: [defaultGroup],
  6: [{ ...defaultGroup, address: "fd77::100" }],
};

/** The same on two nodes alone. */
export const groupOfTwo: readonly LabGroup[] = [{ ...defaultGroup, order: ["node-a", "node-b"] }];

/** The nodes that the groups are made for. */
export function hostsOf(groups: readonly LabGroup[]): readonly HostName[] {
  return hostNames.filter((name) => groups.some(({ order }) => order.includes(name)));
}

/** The group's address, and after it the services that are bound to it. */
export function resourcesOf({ name, address }: LabGroup, services: readonly string[] = []) {
  return [{ kind: "address", name, address: withPrefix(address) }, ...services.map((service) => ({ kind: "service", name: service }))];
}
