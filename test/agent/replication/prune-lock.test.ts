import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Replica } from "../../../agent/replication/replica.ts";
import type { ClusterId, NodeId } from "../../../shared/domain/ids.ts";

const own = "node_00000000000000000001" as NodeId;

/* Some applications' SQLite waits for no lock (Kamailio's, before version 6): any lock of the agent's may cost one of their writes. */
describe("an application that waits for no lock", () => {
  let folder: string;
  let application: DatabaseSync;
  let replica: Replica;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "prune-lock-"));
    const path = join(folder, "registrations.db");
    application = new DatabaseSync(path, { timeout: 0 });
    application.exec("PRAGMA journal_mode = WAL; CREATE TABLE location (id INTEGER PRIMARY KEY, ruid TEXT NOT NULL UNIQUE)");
    replica = new Replica(path, { clusterId: "clus_00000000000000000001" as ClusterId, dataSet: "registrations", nodeId: own, local: [] });
    replica.becomeSource();
  });
  afterEach(() => {
    replica.close();
    application.close();
    rmSync(folder, { recursive: true });
  });

  /** Writes so many rows; every member has them at once. */
  const register = (count: number): void => {
    const insert = application.prepare("INSERT INTO location (ruid) VALUES (hex(randomblob(16)))");
    for (let row = 0; row < count; row += 1) insert.run();
    replica.look();
    replica.prune(replica.view.vector);
  };
  /** Grows with every transaction that somebody else commits. */
  const writesOfOthers = (): number => Number(application.prepare("PRAGMA data_version").get()?.["data_version"]);
  const logged = (): number => Number(application.prepare("SELECT count(*) AS entries FROM _understudy_log").get()?.["entries"]);

  it("hundreds of registrations, and rest after each: the agent writes nothing, and so none of them can fail", () => {
    register(1);
    const before = writesOfOthers();
    for (let step = 0; step < 400; step += 1) {
      register(1);
      replica.prune(replica.view.vector);
    }
    expect({ writesOfOthers: writesOfOthers(), logged: logged() }).toEqual({ writesOfOthers: before, logged: 401 });
  });

  it("more than a thousand: they leave the log together, as soon as the application rests", () => {
    register(1);
    register(1_000);
    expect(logged()).toBe(1_001);
    expect(replica.view.pruned).toEqual({});
    replica.prune(replica.view.vector);
    expect(logged()).toBe(0);
    // Told at once: a restored copy that lacks it must hear so of whoever has let it go.
    expect(replica.view.pruned).toEqual(replica.view.vector);
  });
});
