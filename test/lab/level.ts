import { waitFor } from "../demo/waiting.ts";
import type { LabHost } from "./lab-host.ts";

/** What a server says of the others' changes is as old as their last word: they are level when they have said so twice, so far apart. */
const saidAgainAfterMs = 1_000;

/** Waits until every server has all changes of all others. */
export async function level(hosts: readonly LabHost[], dataSet: string, withinMs: number): Promise<void> {
  let levelSinceMs: number | null = null;
  await waitFor(`all servers to have the same ${dataSet}`, withinMs, async () => {
    const lines = await Promise.all(hosts.map(async (host) => (await host.status()).dataSets.find(({ name }) => name === dataSet)));
    const isLevel = lines.every((line) => line?.phase === "following" && line.behind === 0 && line.unacknowledged.changes === 0);
    levelSinceMs = isLevel ? (levelSinceMs ?? performance.now()) : null;
    return (levelSinceMs !== null && performance.now() - levelSinceMs >= saidAgainAfterMs) || undefined;
  });
}
