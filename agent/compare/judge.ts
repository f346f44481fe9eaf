import { limits } from "../../shared/config/limits.ts";
import { canJudge, driftedRows } from "../../shared/domain/replication/drift.ts";
import type { FrameOf } from "../../shared/protocol/replication-frames.ts";
import { lineageOf } from "../replication/replica-identity.ts";
import { ReplicaTable } from "../replication/replica-table.ts";
import { decodeRow } from "../replication/row-codec.ts";
import type { SqliteDatabase } from "../replication/sqlite-database.ts";
import type { TableForm } from "../replication/table-form.ts";
import type { ComparedFile, KnownTables } from "./compared-tables.ts";
import { compareIdentities, digestText, identityOf, type RangeRow, rangeDigest, readRange, rowDigest } from "./key-range.ts";
import { newestWrites, writtenSince } from "./logged-writes.ts";
import { readInstant } from "./replica-instant.ts";

export type Question = FrameOf<"compare-range"> | FrameOf<"compare-rows">;
export type Answer = FrameOf<"compare-answer">["answer"];
export type JudgedRow = Extract<Answer, { outcome: "judged" }>["rows"][number];

/** The rows that a question is about may be so many more here before it is asked for in parts. */
const bounds = { rows: 2 * limits.compareRowsMax, bytes: 2 * limits.compareBytesMax };

/** Answers a question from this node's own file, on one read snapshot: no write waits for it. */
export function judge(database: SqliteDatabase, file: ComparedFile, known: KnownTables, question: Question): Answer {
  return database.read(() => {
    if (lineageOf(database) !== question.lineage) return cannot("its replica is of another beginning");
    const tables = known.read(database, file);
    if (tables.fingerprint !== question.schema) return cannot("its tables differ");
    const form = tables.forms.get(question.table);
    if (form === undefined) return cannot(`it has no table ${question.table}`);
    if (!canJudge(question.vector, readInstant(database, form.table))) return { outcome: "later" };
    return question.type === "compare-range" ? judgeRange(database, form, question) : judgeRows(database, form, question);
  });
}

function judgeRange(database: SqliteDatabase, form: TableForm, { range, digest }: FrameOf<"compare-range">): Answer {
  const { rows, isCut } = readRange(database, form, range, bounds);
  if (isCut) return narrowTo(rows);
  return { outcome: digestText(rangeDigest(rows)) === digestText(digest) ? "equal" : "differs" };
}

function judgeRows(database: SqliteDatabase, form: TableForm, { vector, range, rows: asked }: FrameOf<"compare-rows">): Answer {
  const shown = new Map<string, string>();
  const keys = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [key, digest] of asked) {
    const identity = identityOf(form, decodeRow(key));
    keys.set(identity, key);
    if (digest !== null) shown.set(identity, digestText(digest));
  }
  const own = new Map<string, RangeRow>();
  if (range === null) {
    for (const row of readKeys(database, form, [...keys.values()])) own.set(row.identity, row);
  } else {
    const { rows, isCut } = readRange(database, form, range, bounds);
    if (isCut) return narrowTo(rows);
    for (const row of rows) own.set(row.identity, row);
  }
  const written = writtenSince(database, form, vector);
  if (written === undefined) return { outcome: "later" };
  const digests = new Map([...own].map(([identity, { bytes }]) => [identity, digestText(rowDigest(bytes))]));
  const drifted = driftedRows(shown, digests, { written, isContested: form.uniques.length > 0 });
  if (drifted === undefined) return { outcome: "later" };
  // Where single rows are asked for, it is to weigh them: what is equal counts as well.
  const told = range === null ? [...keys.keys()].filter((identity) => !written.has(identity)) : drifted.toSorted(compareIdentities);
  const rows = shownRows(database, form, told, { own, asked: keys, differing: new Set(drifted) });
  return { outcome: "judged", rows };
}

interface Shown {
  readonly own: ReadonlyMap<string, RangeRow>;
  readonly asked: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Only of these the rows themselves are sent along. */
  readonly differing: ReadonlySet<string>;
}

/** What this node has in the place of rows, with what is known of them. */
function shownRows(
  database: SqliteDatabase,
  form: TableForm,
  identities: readonly string[],
  { own, asked, differing }: Shown,
): JudgedRow[] {
  let bytesLeft = limits.compareAnswerBytesMax;
  const keyOf = (identity: string): Uint8Array<ArrayBuffer> => own.get(identity)?.key ?? asked.get(identity) ?? new Uint8Array();
  const rows = identities.map((identity) => [identity, { keyValues: decodeRow(keyOf(identity)), row: own.get(identity)?.bytes }] as const);
  const writes = newestWrites(database, form, new Map(rows));
  return rows.map(([identity, { row }]) => {
    const isSent = row !== undefined && differing.has(identity) && row.length <= bytesLeft;
    if (isSent) bytesLeft -= row.length;
    return {
      key: keyOf(identity),
      digest: row === undefined ? null : rowDigest(row),
      row: isSent ? row : null,
      write: writes.get(identity) ?? null,
    };
  });
}

/** The rows with these keys, those that are there. */
export function readKeys(database: SqliteDatabase, form: TableForm, keys: readonly Uint8Array<ArrayBuffer>[]): RangeRow[] {
  const table = new ReplicaTable(database, form);
  return keys.flatMap((key) => {
    const keyValues = decodeRow(key);
    const bytes = table.read(keyValues);
    if (bytes === undefined) return [];
    return [{ key: Uint8Array.from(key), identity: identityOf(form, keyValues), bytes: Uint8Array.from(bytes) }];
  });
}

function narrowTo(rows: readonly RangeRow[]): Answer {
  const last = rows.at(-1);
  return last === undefined ? { outcome: "later" } : { outcome: "narrow", upTo: last.key };
}

function cannot(reason: string): Answer {
  return { outcome: "cannot", reason };
}
