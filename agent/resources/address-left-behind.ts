import { readVirtualAddress, removeVirtualAddress } from "./address-interface.ts";
import type { ResourceTrace } from "./resource.ts";

/**
 * Takes off the addresses that an earlier guardian has left set; the kernel would do so within 3 s. Resolves with those that were
 * still there; throws where the kernel keeps one.
 */
export async function removeLeftAddresses(traces: readonly ResourceTrace[]): Promise<readonly ResourceTrace[]> {
  const found: ResourceTrace[] = [];
  for (const trace of traces) {
    if (trace.kind === "address" && (await removeVirtualAddress(readVirtualAddress(trace.address).subnet))) found.push(trace);
  }
  return found;
}
