import { compareVersions, type IncomingVersion, isSameWrite, type KnownVersion, knows } from "./merge-rule.ts";

/**
 * Of which write each column of a row is, as far as one may still come that does not know it. `whole`: the latest write of all columns, or deletion;
 * undefined: whatever comes knows it. `columns`: those that were written later than that.
 */
export interface ColumnWrites {
  readonly whole: WholeWrite | undefined;
  readonly columns: ReadonlyMap<string, KnownVersion>;
}

export interface WholeWrite extends KnownVersion {
  readonly deletes: boolean;
}

/** A write as the merge of columns sees it. */
export interface ColumnWrite extends IncomingVersion {
  readonly deletes: boolean;
  /** All that its row has. */
  readonly columns: readonly string[];
  /** Those of them that it changed; of a row that is new, all. */
  readonly written: readonly string[];
}

/** Values that lost to a write that does not know of them, nor they of it. */
export interface LostColumns {
  readonly version: KnownVersion;
  /** Null: it is a deletion that lost. */
  readonly columns: readonly string[] | null;
  /** Whose value stands instead. */
  readonly to: KnownVersion;
}

export interface SettledColumns {
  /** `gone`: there is no row; `incoming`: it is as the write carries it; else these columns become as the write carries them, or as the newest before it did. */
  readonly row: "gone" | "incoming" | { readonly from: "incoming" | "newest"; readonly columns: readonly string[] };
  readonly lost: readonly LostColumns[];
  readonly writes: ColumnWrites;
}

/** What stood before: the row's newest write, and whether there is a row. */
export interface StandingColumns {
  readonly newest: KnownVersion | undefined;
  readonly stands: boolean;
  readonly writes: ColumnWrites;
}

/**
 * One write more of a row whose columns are settled one by one. What comes out is a matter of the writes alone, never of their order: the newest of all says whether
 * there is a row; each column is of the latest write of it; and where that is a deletion, which the newest write did not know of, the column is as the newest
 * write carries it. A later write is never known by an earlier one, so nothing that has lost here can stand again.
 */
export function settleColumns(before: StandingColumns, write: ColumnWrite): SettledColumns {
  return write.deletes ? settleDeletion(before, write) : settlePut(before, write);
}

function settlePut({ newest, stands, writes }: StandingColumns, write: ColumnWrite): SettledColumns {
  const isNewest = isLater(write, newest);
  if (!isNewest && !stands) {
    const lost = newest === undefined ? [] : [{ version: write, columns: write.written, to: newest }];
    return { row: { from: "incoming", columns: [] }, lost, writes };
  }
  const taken = write.written.filter((column) => isLater(write, writerOf(writes, column)));
  const lost = [...overwritten(writes, taken, write), ...lostBy(writes, write, new Set(taken))];
  const { whole } = writes;
  if (!stands) lost.push(...lostDeletion(whole, write));
  const deletedBefore = write.columns.filter((column) => !write.written.includes(column) && isDeletion(writerOf(writes, column)));
  return {
    row: stands ? { from: "incoming", columns: isNewest ? [...taken, ...deletedBefore] : taken } : "incoming",
    lost,
    writes:
      write.written.length === write.columns.length
        ? afterWhole(writes, write)
        : { whole, columns: new Map([...writes.columns, ...taken.map((column) => [column, write] as const)]) },
  };
}

function settleDeletion({ newest, stands, writes }: StandingColumns, write: ColumnWrite): SettledColumns {
  if (isLater(write, newest)) {
    const lost = stands ? overwritten(writes, write.columns, write) : lostDeletion(writes.whole, write);
    return { row: "gone", lost, writes: afterWhole(writes, write) };
  }
  const lost: LostColumns[] = newest === undefined || isSameWrite(write, newest) ? [] : [{ version: write, columns: null, to: newest }];
  if (!stands || !isLater(write, writes.whole)) return { row: { from: "newest", columns: [] }, lost, writes };
  const taken = write.columns.filter((column) => isLater(write, writerOf(writes, column)));
  return {
    row: { from: "newest", columns: taken },
    lost: [...lost, ...overwritten(writes, taken, write)],
    writes: afterWhole(writes, write),
  };
}

function afterWhole({ whole, columns }: ColumnWrites, write: ColumnWrite): ColumnWrites {
  return {
    whole: isLater(write, whole) ? write : whole,
    columns: new Map([...columns].filter(([, one]) => !isLater(write, one))),
  };
}

/** What these columns had, of each write that neither knows `write` nor is known by it. */
function overwritten(writes: ColumnWrites, columns: readonly string[], write: ColumnWrite): LostColumns[] {
  const losers = new Map<KnownVersion, string[]>();
  for (const column of columns) {
    const writer = writerOf(writes, column);
    if (writer === undefined || isDeletion(writer) || !isApart(write, writer)) continue;
    const known = [...losers.keys()].find((one) => compareVersions(one, writer) === 0) ?? writer;
    losers.set(known, [...(losers.get(known) ?? []), column]);
  }
  return [...losers].map(([version, lost]) => ({ version, columns: lost, to: write }));
}

/** A deletion that stood, and that `write` did not know of. */
function lostDeletion(whole: WholeWrite | undefined, write: ColumnWrite): LostColumns[] {
  return whole !== undefined && isApart(write, whole) ? [{ version: whole, columns: null, to: write }] : [];
}

/** What `write` itself has lost: nothing that comes knows of it, or it would have come before. */
function lostBy(writes: ColumnWrites, write: ColumnWrite, taken: ReadonlySet<string>): LostColumns[] {
  const columns = write.written.filter((column) => !taken.has(column));
  const [to] = columns.flatMap((column) => writerOf(writes, column) ?? []);
  return to === undefined || isSameWrite(write, to) ? [] : [{ version: write, columns, to }];
}

function writerOf({ whole, columns }: ColumnWrites, column: string): KnownVersion | undefined {
  return columns.get(column) ?? whole;
}

function isDeletion(writer: KnownVersion | WholeWrite | undefined): boolean {
  return writer !== undefined && "deletes" in writer && writer.deletes;
}

function isApart(write: ColumnWrite, other: KnownVersion): boolean {
  return !knows(write, other) && !isSameWrite(write, other);
}

function isLater(one: KnownVersion, other: KnownVersion | undefined): boolean {
  return other === undefined || compareVersions(one, other) > 0;
}
