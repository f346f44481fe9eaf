import { readFile } from "node:fs/promises";

/** Another one after every boot of the machine: instants on its monotonic clock are worth something only within one. */
export async function bootId(): Promise<string> {
  return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
}
