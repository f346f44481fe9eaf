import type { NodeId } from "../../shared/domain/ids.ts";
import type { VersionVector } from "../../shared/domain/replication/replication-status.ts";
import { type RowVote, rightRow } from "../../shared/domain/replication/right-row.ts";
import { decodeRow } from "../replication/row-codec.ts";
import type { TableForm } from "../replication/table-form.ts";
import { type JudgedRow, readKeys } from "./judge.ts";
import { digestText, identityOf, isRow, rowDigest } from "./key-range.ts";
import { newestWrites, type RowWrite } from "./logged-writes.ts";
import type { OwnReplica } from "./own-replica.ts";
import type { Ask } from "./table-walk.ts";

/** A row of this node's that is to be replaced by what others show. */
export interface Mend {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly identity: string;
  /** What stood here when it was judged; null: nothing did. */
  readonly ownDigest: string | null;
  /** Null: there is to be no such row. */
  readonly right: Uint8Array<ArrayBuffer> | null;
  /** The write that made it, where that is known. */
  readonly write: RowWrite | null;
}

export interface Weighed {
  readonly mends: readonly Mend[];
  /** Keys of rows that are right here, and wrong elsewhere. */
  readonly right: readonly Uint8Array<ArrayBuffer>[];
  /** Keys of rows of which nothing can be decided until these nodes can be asked. */
  readonly undecided: readonly Uint8Array<ArrayBuffer>[];
  readonly silent: readonly NodeId[];
  /** Nodes that show something else than this one. */
  readonly others: readonly NodeId[];
  /** How far this node was when its rows were judged. */
  readonly vector: VersionVector;
}

interface Ballot {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly own: string | null;
  readonly votes: (RowVote & { readonly row: Uint8Array<ArrayBuffer> | null; readonly known: RowWrite | null })[];
}

export interface Electorate {
  readonly self: NodeId;
  /** Members in ring order. */
  readonly order: readonly NodeId[];
  /** Those that can be asked now. */
  readonly asks: ReadonlyMap<NodeId, Ask>;
  /** An operator says: decide with those that are here. */
  readonly isUrgent: boolean;
}

/** What every member has in the place of rows that were found to have drifted, `limits.compareRowsMax` at most, and which of it is right. */
export async function weighRows(
  own: OwnReplica,
  table: string,
  keys: readonly Uint8Array<ArrayBuffer>[],
  electorate: Electorate,
): Promise<Weighed> {
  const { self, order, asks } = electorate;
  const { ballots, about, form, isSettled } = ownBallots(own, table, keys, self);
  // Next time: what waits to be put back here counts against no row.
  if (!isSettled) return { mends: [], right: [], undecided: keys, silent: [], others: [], vector: about.vector };
  const silent: NodeId[] = [];
  for (const node of order.filter((one) => one !== self)) {
    const rows = [...ballots.values()].map(({ key, own: digest }): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer> | null] => [
      key,
      digestOf(digest),
    ]);
    const answer = await asks.get(node)?.({ type: "compare-rows", ...about, range: null, rows });
    if (answer?.outcome !== "judged") silent.push(node);
    else for (const row of answer.rows) vote(ballots, form, node, row);
  }
  return decide(ballots, silent, about.vector, electorate);
}

function decide(
  ballots: ReadonlyMap<string, Ballot>,
  silent: readonly NodeId[],
  vector: VersionVector,
  { self, order, isUrgent }: Electorate,
): Weighed {
  const mends: Mend[] = [];
  const [right, undecided]: [Uint8Array<ArrayBuffer>[], Uint8Array<ArrayBuffer>[]] = [[], []];
  const others = new Set<NodeId>();
  for (const [identity, { key, own, votes }] of ballots) {
    const differing = votes.filter(({ digest }) => digest !== own);
    // All are alike again: what was found has been written over, or mended, meanwhile.
    if (differing.length === 0) continue;
    for (const { node } of differing) others.add(node);
    const decision = rightRow(votes, order);
    const isHeard = votes.length === (isUrgent ? order.length - silent.length : order.length);
    if (decision === undefined || !isHeard) {
      undecided.push(key);
      continue;
    }
    if (decision.digest === own) {
      right.push(key);
      continue;
    }
    const chosen = votes.find(({ node, digest, row }) => node !== self && digest === decision.digest && (digest === null || row !== null));
    // A row too large to be sent along is left for a person.
    if (chosen === undefined) undecided.push(key);
    else mends.push({ key, identity, ownDigest: own, right: chosen.row, write: chosen.known });
  }
  return { mends, right, undecided, silent, others: order.filter((node) => others.has(node)), vector };
}

function ownBallots(own: OwnReplica, table: string, keys: readonly Uint8Array<ArrayBuffer>[], self: NodeId) {
  return own.read(table, ({ database, form, about, isSettled }) => {
    const standing = new Map(readKeys(database, form, keys).map((row) => [row.identity, row.bytes]));
    const asked = new Map(
      keys.map((key) => {
        const keyValues = decodeRow(key);
        const identity = identityOf(form, keyValues);
        return [identity, { key, keyValues, row: standing.get(identity) }] as const;
      }),
    );
    const writes = newestWrites(database, form, asked);
    const ballots = new Map<string, Ballot>();
    for (const [identity, { key, row }] of asked) {
      const digest = row === undefined ? null : digestText(rowDigest(row));
      const known = writes.get(identity) ?? null;
      ballots.set(identity, { key, own: digest, votes: [{ node: self, digest, row: row ?? null, known, write: evidence(known) }] });
    }
    return { ballots, about, form, isSettled };
  });
}

function vote(ballots: ReadonlyMap<string, Ballot>, form: TableForm, node: NodeId, { key, digest, row, write }: JudgedRow): void {
  const identity = identityOf(form, decodeRow(key));
  const ballot = ballots.get(identity);
  // Whoever says two things of one row has one vote all the same, and a row that is not what it is said to be is not taken.
  if (ballot === undefined || ballot.votes.some((known) => known.node === node)) return;
  const sound = row !== null && digest !== null && isRow(form, row, { identity, digest }) ? row : null;
  ballot.votes.push({ node, digest: digest === null ? null : digestText(digest), row: sound, known: write, write: evidence(write) });
}

/** What a log says: nothing, where it does not have the write any more. */
function evidence(known: RowWrite | null): RowVote["write"] {
  return known === null || known.agrees === null ? null : { version: known, agrees: known.agrees };
}

function digestOf(text: string | null): Uint8Array<ArrayBuffer> | null {
  return text === null ? null : new Uint8Array(Buffer.from(text, "base64"));
}
