import { groupAddress } from "./lab-group.ts";
import type { LabSite } from "./lab-site.ts";
import { device } from "./switch.ts";

const longMs = 3_600_000;
const usuallyMs = 30_000;

/** The client believes what it knows of its neighbours until somebody tells it otherwise. */
export async function neverForget(site: LabSite): Promise<void> {
  await setMemory(site, longMs);
  // What it knows by then may be about to be looked at again.
  await site.clientNamespace.ip("neighbour", "flush", "to", groupAddress, "dev", device);
}

export async function forgetAsUsual(site: LabSite): Promise<void> {
  await setMemory(site, usuallyMs);
}

/** How long it believes that. */
async function setMemory({ clientNamespace }: LabSite, ms: number): Promise<void> {
  await clientNamespace.setKernel({ [`ipv4.neigh.${device}.base_reachable_time_ms`]: ms });
}
