import type { AddressLook, AddressSighting } from "../../shared/domain/monitoring/takeover-course.ts";
import type { Seen } from "./silence-watch.ts";

/** What the guardian saw of the addresses while it set them, with what the watch had seen of each before. */
export function sightedLooks(looks: readonly AddressLook[], seen: readonly Seen<AddressSighting>[]): readonly AddressLook[] {
  return looks.map((look) => {
    const sighting = seen.find(({ host }) => host === look.address)?.told;
    return sighting === undefined ? look : { ...look, sighting };
  });
}
