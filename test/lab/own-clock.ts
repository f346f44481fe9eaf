import type { LabHost } from "./lab-host.ts";
import type { LabSite } from "./lab-site.ts";

const healthyWithinMs = 30_000;

/** A clock of its own is given to a machine as it boots, and is right at first. */
export async function giveOwnClock(site: LabSite, host: LabHost): Promise<void> {
  await host.losePower();
  await site.network.healAll();
  host.clock.use();
  await host.powerOn();
  await site.healthy(healthyWithinMs);
}
