import type { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { Row } from "./records.ts";
import type { RowWrite, VirtualReplica } from "./virtual-replica.ts";

/** One transaction of an application that does a bit of everything; few keys, so that servers meet on the same rows. */
export function randomTransaction(replica: VirtualReplica, random: SeededRandom, keys: number, value: () => number): readonly RowWrite[] {
  // The later statements of a transaction see what the earlier ones did.
  const seen = new Map(replica.file.entries("row"));
  const writes: RowWrite[] = [];
  const write = (one: RowWrite): void => {
    const at = `${one.row.table} ${one.row.key}`;
    if (one.operation === "put") seen.set(at, one.row);
    else seen.delete(at);
    writes.push(one);
  };
  const key = (): string => `k${random.between(1, keys)}`;
  const name = (): string => `n${random.between(1, Math.max(2, keys - 2))}`;
  const standing = (table: Row["table"], at: string): Row =>
    seen.get(`${table} ${at}`) ?? { table, key: at, name: null, value: 0, note: 0 };
  for (let count = random.pick([1, 1, 2, 4]); count > 0; count -= 1) {
    const kind = random.pick(["plain", "plain", "delete", "named", "named", "rename", "rekey", "unname", "private"]);
    if (kind === "plain") write({ operation: "put", row: changed(standing("plain", key()), value()) });
    else if (kind === "private") write({ operation: "put", row: { table: "private", key: key(), name: null, value: value(), note: 0 } });
    else if (kind === "delete") remove(seen.get(`plain ${key()}`), write);
    else if (kind === "unname") remove(seen.get(`named ${key()}`), write);
    else if (kind === "named") replace(changed({ ...standing("named", key()), name: name() }, value()), seen, write);
    else {
      const row = seen.get(`named ${key()}`);
      if (row === undefined) continue;
      const moved = kind === "rename" ? { ...row, name: name(), value: value() } : { ...row, key: key(), value: value() };
      replace(moved, seen, write);
      if (moved.key !== row.key) remove(seen.get(`named ${row.key}`), write);
    }
  }
  return writes;
}

/** One of its two columns, the other, or both; both where nothing is there yet. */
function changed(row: Row, value: number): Row {
  if (row.value === 0 || value % 3 === 0) return { ...row, value, note: value };
  return value % 3 === 1 ? { ...row, value } : { ...row, note: value };
}

/** As REPLACE does: rows that hold the new row's unique value are deleted, after it was written. */
function replace(row: Row, seen: ReadonlyMap<string, Row>, write: (one: RowWrite) => void): void {
  const replaced = [...seen.values()].filter((one) => one.table === row.table && one.key !== row.key && one.name === row.name);
  write({ operation: "put", row });
  for (const one of replaced) remove(one, write);
}

function remove(row: Row | undefined, write: (one: RowWrite) => void): void {
  if (row !== undefined) write({ operation: "delete", row: { ...row, name: null, value: 0, note: 0 } });
}
