import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installCapture } from "../../../agent/replication/sqlite-capture.ts";
import { SqliteDatabase } from "../../../agent/replication/sqlite-database.ts";
import type { OriginId } from "../../../shared/domain/ids.ts";
import { CallRecords } from "./call-records.ts";
import { type ReplicationRow, replicationRow } from "./replication-row.ts";

const transactions = 40_000;

/** What capture takes from the application: its own commit rate with the triggers in its database, beside the same program's without them. */
export function captureCost(samples: number): ReplicationRow {
  const [captured, plain]: [number[], number[]] = [[], []];
  // In turn, so that both meet the same machine; the first pair warms it up.
  for (let sample = 0; sample <= samples; sample += 1) {
    const [without, withCapture] = [commitsPerSecond(false), commitsPerSecond(true)];
    if (sample === 0) continue;
    plain.push(without);
    captured.push(withCapture);
  }
  return replicationRow(
    { what: "commits of the application, synchronous=NORMAL", unit: "per s", peerName: "without capture" },
    captured,
    plain,
  );
}

function commitsPerSecond(hasCapture: boolean): number {
  const folder = mkdtempSync(join(tmpdir(), "understudy-capture-"));
  const path = join(folder, "application.sqlite");
  try {
    using application = new CallRecords(path, "relaxed");
    if (hasCapture) capture(path);
    return (transactions / application.write(1, transactions, 1)) * 1_000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function capture(path: string): void {
  const database = new SqliteDatabase(path);
  installCapture(database, { local: [] }, "node_00000000000000000000:1" as OriginId);
  database.close();
}
