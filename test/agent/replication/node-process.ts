import { readFileSync } from "node:fs";
import { startReplication } from "../../../agent/replication/replication.ts";
import type { ReplicationSettings } from "../../../agent/replication/thread-messages.ts";

// A node as a process of its own, so that a test can kill it like a power cut would.
const settings = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ReplicationSettings;
await startReplication({
  ...settings,
  onStatus: (status) => console.log(JSON.stringify(status)),
  onEvent: () => undefined,
  onFailure: (error) => {
    console.error(error);
    process.exit(1);
  },
});
