import { readVirtualAddress, removeVirtualAddress } from "./address-interface.ts";
import { deleteGate, leftGates } from "./gate-table.ts";
import type { ResourceTrace } from "./resource.ts";

/**
 * Takes off the addresses that an earlier guardian has left set, which the kernel would do within 3 s, and the rules of all its gates. Resolves with those that were
 * still there; throws where the kernel keeps one.
 */
export async function removeLeftAddresses(traces: readonly ResourceTrace[], directoryMark: string): Promise<readonly ResourceTrace[]> {
  const found: ResourceTrace[] = [];
  for (const trace of traces) {
    if (trace.kind === "address" && (await removeVirtualAddress(readVirtualAddress(trace.address).subnet))) found.push(trace);
  }
  // Only then: without the address nothing passes in any case.
  for (const name of await leftGates(directoryMark)) await deleteGate(name);
  return found;
}
