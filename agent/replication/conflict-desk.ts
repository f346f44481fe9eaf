import { setTimeout as sleep } from "node:timers/promises";
import { listConflicts, readConflict } from "./conflict-journal.ts";
import type { ConflictAnswer, ConflictDetail, ConflictLine, ConflictRequest } from "./conflict-record.ts";
import { reapply, resolveConflict } from "./conflict-settlement.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { isLocked } from "./sqlite-problem.ts";

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

/** Lists and shows what lost in merges, writes a loser again where an operator asks for it, and takes their decisions. Each request has a connection of its own. */
export class ConflictDesk {
  readonly #replicas: () => readonly JournalledReplica[];

  constructor(replicas: () => readonly JournalledReplica[]) {
    this.#replicas = replicas;
  }

  /** Rejects with the cause, worded for a person. */
  async answer(request: ConflictRequest): Promise<ConflictAnswer> {
    if (request.kind === "list") return this.#list(request);
    const replica = this.#only(request.dataSet);
    if (request.kind === "show") return withDatabase(replica, (database) => database.read(() => read(database, replica.name, request.id)));
    if (replica.identity.tables !== undefined)
      throw new Error(`data set ${replica.name} has a single writer: write the value again there, with \`understudy agent records put\``);
    const { name, path } = replica;
    return withDatabase(replica, (database) => {
      if (request.kind === "resolve") resolveConflict(database, path, request.id, request.decision);
      else reapply(database, path, request.id, request.newKey);
      return database.read(() => read(database, name, request.id));
    });
  }

  async #list(page: Extract<ConflictRequest, { kind: "list" }>): Promise<readonly ConflictLine[]> {
    const { dataSet, limit } = page;
    const asked = dataSet === undefined ? this.#replicas().filter(({ following }) => following) : [this.#named(dataSet)];
    const lines = await Promise.all(
      asked.map((replica) => withDatabase(replica, (database) => listConflicts(database, replica.name, page))),
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

function read(database: SqliteDatabase, dataSet: string, id: number): ConflictDetail {
  const conflict = readConflict(database, dataSet, id);
  if (conflict === undefined) throw new Error(`the journal has no conflict ${id}, or no longer`);
  return conflict;
}
