import { type Tenure, writeProblem } from "../../shared/domain/replication/tenure.ts";
import type { MonotonicUs } from "../../shared/domain/time.ts";
import { noteEpoch, readControl, readEpoch } from "./change-log-tables.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";
import { contextNumber, readContext } from "./write-context.ts";

/** This node is the writer no more, or its lease cannot be counted on. Nothing was written. */
export class NotTheWriter extends Error {}

/**
 * One transaction on a data set with a single writer: its changes carry the tenure's epoch, so that at every receiver they lose to what a later writer has
 * written. Throws `NotTheWriter`, before the commit, where a later one has been heard of or the lease has ended.
 */
export function writeUnder<Result>(database: SqliteDatabase, tenure: Tenure, nowUs: () => MonotonicUs, work: () => Result): Result {
  return database.write(() => {
    const epochSeen = readEpoch(database);
    refuseLate(tenure, epochSeen, nowUs());
    carryEpoch(database, tenure.epoch);
    const result = work();
    noteEpoch(database, tenure.epoch);
    // However long the work took: what is committed now was written by the writer.
    refuseLate(tenure, epochSeen, nowUs());
    return result;
  });
}

/** Triggers write the context's number with every change. */
function carryEpoch(database: SqliteDatabase, epoch: number): void {
  const context = readContext(database, readControl(database).context);
  if (context.epoch === epoch) return;
  database.run("UPDATE _understudy_control SET context = ?", contextNumber(database, { ...context, epoch }));
}

function refuseLate(tenure: Tenure, epochSeen: number, nowUs: MonotonicUs): void {
  const problem = writeProblem(tenure, epochSeen, nowUs);
  if (problem !== null) throw new NotTheWriter(problem);
}
