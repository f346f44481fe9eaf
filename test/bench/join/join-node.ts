import { readFileSync } from "node:fs";
import { startReplication } from "../../../agent/replication/replication.ts";
import type { ReplicationSettings } from "../../../agent/replication/thread-messages.ts";

/** A server of the bench, as a process of its own: says in one line how long it took from its start until it followed the others, and runs on until it is ended. */
const settings = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ReplicationSettings;
const startedAtMs = performance.now();
let said = false;
const replication = await startReplication({
  ...settings,
  onStatus: ([dataSet]) => {
    if (said || dataSet?.phase !== "following" || dataSet.behind > 0) return;
    said = true;
    console.log(JSON.stringify({ followsAfterMs: performance.now() - startedAtMs }));
  },
  onEvent: () => undefined,
  onFailure: (error) => {
    console.error(error);
    process.exit(1);
  },
});
process.once("SIGTERM", () => void replication.stop());
