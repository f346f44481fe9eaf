import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import type { LogSettings } from "../../../agent/replication/log-limits.ts";
import type { EventDetail } from "../../../shared/domain/monitoring/cluster-event.ts";
import { LoopbackCluster, waitFor } from "../../agent/replication/loopback-cluster.ts";
import { startProcess } from "../../agent/replication/process-node.ts";
import { Application } from "../application/application.ts";

/** Rows that the second server's application writes while its agent is away, and of the first's those that it writes too. */
export const writtenAlone = { added: 1_000, changed: 10 } as const;

/** How the second server became level, and for how long it was not, from its agent's start on. */
export interface Return {
  readonly seconds: number;
  /** Undefined: it needed no fresh copy. */
  readonly freshCopy: Extract<EventDetail, { kind: "replication.resync-finished" }> | undefined;
  /** The longest that a commit of the second server's application took meanwhile. */
  readonly longestCommitMs: number;
}

export interface Found {
  readonly rows: number;
  readonly different: number;
  readonly added: number;
  readonly changed: number;
  readonly settings: readonly [first: readonly string[], second: readonly string[]];
}

/**
 * Two of our servers, with mutual TLS over the loopback, each with an application that writes its SQLite file: call states that are all replicated, and settings that are local. The first runs as a
 * process of its own; the second one's agent goes away and comes back.
 */
export class AwaySite implements AsyncDisposable {
  readonly #cluster: LoopbackCluster;
  readonly #rows: number;
  #first: ChildProcess | undefined;

  private constructor(cluster: LoopbackCluster, rows: number) {
    this.#cluster = cluster;
    this.#rows = rows;
  }

  /** Both have `rows` rows, and are level. `log`: how much of its log the first keeps. */
  static async start(rows: number, log: LogSettings): Promise<AwaySite> {
    const site = new AwaySite(await LoopbackCluster.make(2, ["own_setting"]), rows);
    try {
      const [first, second] = [site.#cluster.node(0), site.#cluster.node(1)];
      first.log = log;
      site.#fill();
      site.#first = await startProcess(site.#cluster, first);
      await second.start(site.#cluster.document);
      await second.following(300_000);
      using application = site.#application(1);
      application.exec("INSERT INTO own_setting VALUES ('name', 'second')");
      return site;
    } catch (error) {
      await site[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The second server's agent stops. Its application goes on. */
  async away(): Promise<void> {
    await this.#cluster.node(1).stop();
  }

  /** The first's application changes all rows so many times, `rowsAtOnce` of them in one transaction. Returns the seconds that it took. */
  change(times: number, rowsAtOnce: number): number {
    using application = this.#application(0);
    const update = application.prepare("UPDATE call_state SET state = state + 1, changed_at = changed_at + 60 WHERE id > ? AND id <= ?");
    const startedMs = performance.now();
    for (let time = 0; time < times; time += 1) {
      for (let after = 0; after < this.#rows; after += rowsAtOnce) update.run(after, after + rowsAtOnce);
    }
    return (performance.now() - startedMs) / 1_000;
  }

  /** As `change`, all of it in one transaction. */
  changeAtOnce(times: number): void {
    using application = this.#application(0);
    application.exec("BEGIN IMMEDIATE");
    for (let time = 0; time < times; time += 1) application.exec("UPDATE call_state SET state = state + 1, changed_at = changed_at + 60");
    application.exec("COMMIT");
  }

  /** What the second server's application does meanwhile: new rows, changes of rows that the first has changed, later than those, and settings of its own. */
  writeAlone(): void {
    using application = this.#application(1);
    application.exec("BEGIN IMMEDIATE");
    application
      .prepare(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO call_state SELECT 1000000000 + i, 'alone ' || i, 0, 0 FROM n",
      )
      .run(writtenAlone.added);
    application.prepare("UPDATE call_state SET caller = 'changed alone', state = -1 WHERE id <= ?").run(writtenAlone.changed);
    application.exec("INSERT INTO own_setting VALUES ('written', 'while away')");
    application.exec("COMMIT");
  }

  /** Entries that the first's log has. */
  get entriesInLog(): number {
    using database = new DatabaseSync(this.#cluster.node(0).database, { readOnly: true, timeout: 30_000 });
    return Number(database.prepare("SELECT count(*) AS entries FROM _understudy_log").get()?.["entries"]);
  }

  /** The second server's agent starts again. Resolves once each has all that the other had. */
  async back(timeoutMs: number): Promise<Return> {
    const second = this.#cluster.node(1);
    second.events.length = 0;
    // What is local: its own setting, which it says anew all the time.
    const application = await Application.start(second.database, "INSERT OR REPLACE INTO own_setting VALUES ('name', 'second')");
    const startedMs = performance.now();
    await second.start(this.#cluster.document);
    // What it wrote alone is acknowledged with all that the first had then: from there on it knows whether it is behind.
    const isLevel = () =>
      second.dataSet?.phase === "following" && second.dataSet.unacknowledged.changes === 0 && second.dataSet.behind === 0;
    await waitFor("both to be level", isLevel, timeoutMs);
    const seconds = (performance.now() - startedMs) / 1_000;
    const longestCommitMs = Math.max(...(await application.end()));
    return { seconds, freshCopy: second.sawEvent("replication.resync-finished"), longestCommitMs };
  }

  /** What stands on both servers now: rows that differ, what the second had written alone, by rows of the first, and the settings of each. */
  found(): Found {
    using database = new DatabaseSync(this.#cluster.node(0).database, { readOnly: true, timeout: 30_000 });
    database.prepare("ATTACH ? AS second").run(this.#cluster.node(1).database);
    const count = (sql: string): number => Number(database.prepare(`SELECT count(*) AS count FROM (${sql})`).get()?.["count"]);
    const settings = (schema: string): readonly string[] =>
      database
        .prepare(`SELECT name || ' ' || value AS setting FROM ${schema}.own_setting ORDER BY name`)
        .all()
        .map(({ setting }) => String(setting));
    return {
      rows: count("SELECT 1 FROM main.call_state"),
      different:
        count("SELECT * FROM main.call_state EXCEPT SELECT * FROM second.call_state") +
        count("SELECT * FROM second.call_state EXCEPT SELECT * FROM main.call_state"),
      added: count("SELECT 1 FROM main.call_state WHERE caller LIKE 'alone %'"),
      changed: count("SELECT 1 FROM main.call_state WHERE caller = 'changed alone' AND state = -1"),
      settings: [settings("main"), settings("second")],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#first !== undefined && this.#first.exitCode === null) {
      const ended = once(this.#first, "exit");
      this.#first.kill("SIGKILL");
      await ended;
    }
    await this.#cluster[Symbol.asyncDispose]();
  }

  #fill(): void {
    for (const { database } of this.#cluster.nodes) {
      using application = new DatabaseSync(database, { timeout: 30_000 });
      application.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
        CREATE TABLE call_state (id INTEGER PRIMARY KEY, caller TEXT NOT NULL, state INTEGER NOT NULL, changed_at INTEGER NOT NULL);
        CREATE TABLE own_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)`);
    }
    using application = this.#application(0);
    application.exec("INSERT INTO own_setting VALUES ('name', 'first')");
    application
      .prepare(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO call_state SELECT i, '+49 30 ' || i, 0, 1700000000 FROM n",
      )
      .run(this.#rows);
  }

  #application(index: number): DatabaseSync {
    const application = new DatabaseSync(this.#cluster.node(index).database, { timeout: 30_000 });
    application.exec("PRAGMA synchronous = NORMAL");
    return application;
  }
}
