import { setTimeout as sleep } from "node:timers/promises";
import { listConflicts, markReapplied, readConflict, readLoser } from "./conflict-journal.ts";
import type { ConflictAnswer, ConflictDetail, ConflictLine, ConflictRequest } from "./conflict-record.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { isLocked } from "./sqlite-problem.ts";
import { deleteRow, writeRow } from "./table-row.ts";

/** An application that holds its lock for longer is told of, and nothing is done. */
const lockPatienceMs = 4_000;
const lookAgainMs = 20;

/** A data set of this node as the desk sees it. */
export interface JournalledReplica {
  readonly name: string;
  readonly path: string;
  readonly following: boolean;
  /** Of a data set that the agent itself keeps `tables` is there: only its writer writes it. */
  readonly identity: { readonly tables?: string | undefined };
}

/** Lists and shows what lost in merges, and writes a loser again where an operator asks for it. Each request has a connection of its own. */
export class ConflictDesk {
  readonly #replicas: () => readonly JournalledReplica[];

  constructor(replicas: () => readonly JournalledReplica[]) {
    this.#replicas = replicas;
  }

  /** Rejects with the cause, worded for a person. */
  async answer(request: ConflictRequest): Promise<ConflictAnswer> {
    if (request.kind === "list") return this.#list(request.dataSet, request.before ?? Number.MAX_SAFE_INTEGER, request.limit);
    const replica = this.#only(request.dataSet);
    if (request.kind === "show") return withDatabase(replica, (database) => database.read(() => read(database, replica, request.id)));
    if (replica.identity.tables !== undefined)
      throw new Error(`data set ${replica.name} has a single writer: write the value again there, with \`understudy agent records put\``);
    return withDatabase(replica, (database) => reapply(database, replica, request.id));
  }

  async #list(dataSet: string | undefined, before: number, limit: number): Promise<readonly ConflictLine[]> {
    const asked = dataSet === undefined ? this.#replicas().filter(({ following }) => following) : [this.#named(dataSet)];
    const lines = await Promise.all(
      asked.map((replica) => withDatabase(replica, (database) => listConflicts(database, replica.name, before, limit))),
    );
    return lines
      .flat()
      .toSorted((one, other) => (one.at === other.at ? other.id - one.id : one.at < other.at ? 1 : -1))
      .slice(0, limit);
  }

  /** Numbers are a data set's own, so with several it must be said which. */
  #only(dataSet: string | undefined): JournalledReplica {
    if (dataSet !== undefined) return this.#named(dataSet);
    const [first, ...others] = this.#replicas();
    if (first === undefined) throw new Error("this node has no data set");
    if (others.length === 0) return this.#following(first);
    throw new Error(`there are several data sets: say which (${[first, ...others].map(({ name }) => name).join(", ")})`);
  }

  #named(dataSet: string): JournalledReplica {
    const replica = this.#replicas().find(({ name }) => name === dataSet);
    if (replica === undefined) throw new Error(`there is no data set ${dataSet} on this node`);
    return this.#following(replica);
  }

  #following(replica: JournalledReplica): JournalledReplica {
    if (!replica.following) throw new Error(`data set ${replica.name} is not in step on this node: its status says why`);
    return replica;
  }
}

/** The loser becomes an ordinary new write: its triggers run, constraints hold, it is captured, and every node takes it. */
function reapply(database: SqliteDatabase, replica: JournalledReplica, id: number): ConflictDetail {
  database.enforceConstraints();
  return database.write(() => {
    const { reappliedAt, table } = read(database, replica, id);
    if (reappliedAt !== null) throw new Error(`conflict ${id} was re-applied already, at ${reappliedAt}`);
    const loser = readLoser(database, id);
    if (loser === undefined) throw new Error(`the journal does not have the form of conflict ${id}'s row: write it by the application`);
    try {
      if (loser.values === undefined) deleteRow(database, loser.shape, loser.keyValues);
      else writeRow(database, loser.shape, loser.values);
    } catch (error) {
      if (isLocked(error)) throw error;
      throw new Error(
        `table ${table} of ${replica.path} does not take the row as it was: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    }
    markReapplied(database, id);
    return read(database, replica, id);
  });
}

async function withDatabase<Result>({ path }: JournalledReplica, work: (database: SqliteDatabase) => Result): Promise<Result> {
  const untilMs = performance.now() + lockPatienceMs;
  for (;;) {
    const database = new SqliteDatabase(path);
    try {
      return work(database);
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (performance.now() >= untilMs) throw new Error(`${path} is locked by another process: try again`, { cause: error });
    } finally {
      database.close();
    }
    await sleep(lookAgainMs);
  }
}

function read(database: SqliteDatabase, { name }: JournalledReplica, id: number): ConflictDetail {
  const conflict = readConflict(database, name, id);
  if (conflict === undefined) throw new Error(`the journal has no conflict ${id}, or no longer`);
  return conflict;
}
