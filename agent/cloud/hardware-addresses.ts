import { networkInterfaces } from "node:os";
import { limits } from "../../shared/config/limits.ts";
import { hardwareAddressSchema } from "../../shared/protocol/hardware-address.ts";

/** Of this server's network interfaces, by which a licence may name it: each once, sorted, loopback left out. */
export function hardwareAddresses(interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces()): readonly string[] {
  const found = Object.values(interfaces).flatMap((addresses) => (addresses ?? []).map(({ mac }) => mac.toLowerCase()));
  const real = found.filter((address) => hardwareAddressSchema.safeParse(address).success);
  return [...new Set(real)].toSorted().slice(0, limits.hardwareAddressesPerNodeMax);
}
