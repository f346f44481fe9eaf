import { compareVersions, isSameWrite, knows } from "../../../shared/domain/replication/merge-rule.ts";
import { type Column, columns, type Row, type SimulatedChange } from "./records.ts";

/*
 * What writes of one row come to where its table settles conflicts column by column, from all of them at once: nothing is merged here.
 */

/** Undefined: there is no such row. `initial`: as it was before anybody wrote it. */
export function rowByColumns(writes: readonly SimulatedChange[], newest: SimulatedChange, initial: Row | undefined): Row | undefined {
  if (newest.operation === "delete") return undefined;
  const valueOf = (column: Column) => {
    const writer = writersOf(writes, column).toSorted(compareVersions).at(-1);
    if (writer?.operation === "put") return writer.row[column];
    return writer === undefined && initial !== undefined ? initial[column] : newest.row[column];
  };
  return { ...newest.row, ...Object.fromEntries(columns.map((column) => [column, valueOf(column)])) };
}

/** Writes of which something does not stand that nobody has overwritten knowingly. */
export function losersByColumns(writes: readonly SimulatedChange[], newest: SimulatedChange): readonly SimulatedChange[] {
  if (newest.operation === "delete") return writes.filter((write) => !isSameWrite(write, newest) && isOpen(write, writes));
  const puts = columns.flatMap((column) => {
    const writers = writersOf(writes, column).toSorted(compareVersions);
    const last = writers.at(-1);
    return writers.filter(
      (write) => write.operation === "put" && last !== undefined && !isSameWrite(write, last) && isOpen(write, writers),
    );
  });
  const deletions = writes.filter((write) => write.operation === "delete" && isOpen(write, writes));
  return [...new Set([...puts, ...deletions])];
}

function writersOf(writes: readonly SimulatedChange[], column: Column): readonly SimulatedChange[] {
  return writes.filter(({ operation, written }) => operation === "delete" || written === undefined || written.includes(column));
}

function isOpen(write: SimulatedChange, among: readonly SimulatedChange[]): boolean {
  // Under another number it is the same write, and whoever knows that knows this one.
  const same = among.filter((other) => isSameWrite(other, write));
  return !among.some((other) => !same.includes(other) && same.some((one) => knows(other, one)));
}
