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

export function resourcesOf({ name, address }: LabGroup) {
  return [{ kind: "address", name, address: withPrefix(address) }] as const;
}
