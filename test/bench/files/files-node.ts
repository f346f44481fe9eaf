import { readFileSync } from "node:fs";
import { type Replication, startReplication } from "../../../agent/replication/replication.ts";
import type { Holding, ReplicationSettings } from "../../../agent/replication/thread-messages.ts";

/** What a server of the bench is started with: `holding` on the writer. */
export type FilesNodeSettings = ReplicationSettings & { readonly holdings: readonly Holding[] };

/** A server of the bench, as a process of its own: says in a line what its tree comes to whenever that has changed and nothing is behind, and runs on until it is ended. */
const { holdings, ...settings } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as FilesNodeSettings;
let said = "";
let replication: Replication | undefined;
replication = await startReplication({
  ...settings,
  onStatus: () => void tell(),
  onEvent: () => undefined,
  onFailure: (error) => {
    console.error(error);
    process.exit(1);
  },
});
replication.holdingsChanged(holdings);
process.once("SIGTERM", () => {
  const running = replication;
  // Whoever stops answers nobody any more.
  replication = undefined;
  void running?.stop();
});

async function tell(): Promise<void> {
  const [line] = (await replication?.files({ kind: "status" })) ?? [];
  if (line?.phase !== "following" || line.report === undefined) return;
  const { files, bytes, filesBehind, isComplete } = line.report;
  const now = JSON.stringify({ files, bytes, level: isComplete && filesBehind === 0 });
  if (now === said) return;
  said = now;
  console.log(now);
}
