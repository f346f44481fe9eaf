import { waitFor } from "../demo/waiting.ts";
import type { LabHost } from "./lab-host.ts";

/** Waits until every server has all changes of all others. */
export async function level(hosts: readonly LabHost[], dataSet: string, withinMs: number): Promise<void> {
  await waitFor(`all servers to have the same ${dataSet}`, withinMs, async () => {
    const lines = await Promise.all(hosts.map(async (host) => (await host.status()).dataSets.find(({ name }) => name === dataSet)));
    return lines.every((line) => line?.phase === "following" && line.behind === 0 && line.unacknowledged.changes === 0) || undefined;
  });
}
