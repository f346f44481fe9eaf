import type { NodeId } from "../../../shared/domain/ids.ts";
import { canJudge, driftedRows, type ReplicaInstant } from "../../../shared/domain/replication/drift.ts";
import { neverWritten } from "../../../shared/domain/replication/merge-table.ts";
import type { VersionVector } from "../../../shared/domain/replication/replication-status.ts";
import { type RowVote, rightRow } from "../../../shared/domain/replication/right-row.ts";
import { covers, seqIn } from "../../../shared/domain/replication/version-vector.ts";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import type { Machine } from "./machine.ts";
import { columns, type Row, replicatedTables, type TableName } from "./records.ts";
import type { VirtualReplica } from "./virtual-replica.ts";
import type { World } from "./world.ts";

const compareEveryMs = 250;
const patienceMs = 1_000;
const lookAgainMs = 25;
/** A name beside the key: a write to one row may take another away. */
const isContested = (table: TableName): boolean => table === "named";

interface Shown {
  readonly instant: ReplicaInstant;
  /** By key, as digests. */
  readonly rows: ReadonlyMap<string, string>;
}

interface Ballot {
  readonly own: string | null;
  readonly votes: RowVote[];
  readonly rows: Map<string, Row>;
}

/**
 * Compares the replicas all the time, two at a time, as the agents do it over their own streams: what one shows is judged by the other some time later, weighed with
 * what all members show, and mended. The rules are the core's; how rows are found in ranges of keys is tested with real files.
 */
export class Comparer {
  readonly #world: World;
  readonly #random: SeededRandom;

  constructor(world: World) {
    this.#world = world;
    this.#random = new SeededRandom(world.options.seed, "comparisons");
  }

  start(): void {
    this.#next();
  }

  #next(): void {
    this.#after(compareEveryMs, () => {
      const asker = this.#random.pick(this.#world.machines);
      const peer = this.#random.pick(this.#world.machines.filter((one) => one !== asker));
      const table = this.#random.pick(replicatedTables);
      this.#compare(asker, peer, table);
      this.#next();
    });
  }

  #compare(asker: Machine, peer: Machine, table: TableName): void {
    const shown = this.#show(asker, table);
    if (shown === undefined) return;
    this.#judgeAt(asker, peer, shown, table, (judge, written) => {
      const drifted = driftedRows(shown.rows, rowsOf(judge, table), { written, isContested: isContested(table) }) ?? [];
      for (const key of drifted) this.#world.oracle.foundDrift(asker.node, peer.node, `${table} ${key}`);
      if (drifted.length > 0) this.#weigh(asker, table, drifted);
    });
  }

  /** All members are asked, one after the other; where one cannot be, nothing is decided. */
  #weigh(asker: Machine, table: TableName, keys: readonly string[]): void {
    const shown = this.#show(asker, table);
    const { replica } = asker;
    if (shown === undefined || replica === undefined) return;
    const ballots = new Map<string, Ballot>();
    for (const key of keys) ballots.set(key, { own: shown.rows.get(key) ?? null, votes: [], rows: new Map() });
    vote(ballots, asker.node, replica, table);
    const others = asker.order.filter((node) => node !== asker.node);
    const askNext = (): void => {
      const node = others.shift();
      if (node === undefined) return this.#decide(asker, table, ballots, shown.instant.vector);
      const peer = this.#world.machines.find((one) => one.node === node);
      if (peer === undefined) return;
      this.#judgeAt(asker, peer, shown, table, (judge, written) => {
        if (keys.some((key) => written.has(key)) || (isContested(table) && written.size > 0)) return;
        vote(ballots, node, judge, table);
        askNext();
      });
    };
    askNext();
  }

  #decide(asker: Machine, table: TableName, ballots: ReadonlyMap<string, Ballot>, judgedAt: VersionVector): void {
    for (const [key, { own, votes, rows }] of ballots) {
      const right = rightRow(votes, asker.order);
      if (right === undefined || right.digest === own) continue;
      this.#mend(asker, { table, key, own, right: right.digest === null ? undefined : rows.get(right.digest), judgedAt });
    }
  }

  #mend(
    { replica, isLocked, isDiskFull, node }: Machine,
    mend: {
      readonly table: TableName;
      readonly key: string;
      readonly own: string | null;
      readonly right: Row | undefined;
      readonly judgedAt: VersionVector;
    },
  ): void {
    const { table, key, own, right, judgedAt } = mend;
    if (replica === undefined || isLocked || isDiskFull) return;
    const { file, control } = replica;
    const written = writtenSince(replica, table, judgedAt);
    const isUntouched = !written.has(key) && !(isContested(table) && written.size > 0) && covers(judgedAt, control.pruned);
    const standing = file.get("row", `${table} ${key}`);
    if (!isUntouched || digestOf(standing) !== own) return;
    this.#world.log(node, `mends ${table} ${key}: ${JSON.stringify(standing ?? null)} becomes ${JSON.stringify(right ?? null)}`);
    file.begin();
    if (this.#world.mutant?.forgets !== "drift") {
      const line = { reason: "drift", table, key, loser: neverWritten, row: standing ?? null } as const;
      file.set("journal", String(file.size("journal") + 1), line);
    }
    file.set("row", `${table} ${key}`, right);
    file.commit(true);
    this.#world.oracle.mended(node, `${table} ${key}`, standing, file);
  }

  /** Undefined where nothing is shown now. */
  #show({ agent, replica }: Machine, table: TableName): Shown | undefined {
    if (agent === undefined || agent.refused !== undefined || replica === undefined) return undefined;
    const instant = instantOf(replica, table);
    if (!instant.isSettled) return undefined;
    return { instant, rows: rowsOf(replica, table) };
  }

  /** Some time later, once the judging replica has all that the other had; where neither has stopped meanwhile, nor the way between them been cut. */
  #judgeAt(
    asker: Machine,
    peer: Machine,
    shown: Shown,
    table: TableName,
    judged: (replica: VirtualReplica, written: ReadonlySet<string>) => void,
  ): void {
    const { wire } = this.#world;
    const [askers, judges] = [asker.agent, peer.agent];
    const untilMs = this.#world.nowUs / 1_000 + patienceMs;
    const look = (): void => {
      const { agent, replica } = peer;
      if (agent === undefined || agent !== judges || agent.refused !== undefined || replica === undefined) return;
      if (asker.agent !== askers || !wire.canTalk(asker.node, peer.node)) return;
      const isHasty = this.#world.mutant?.judgesAtOnce === true;
      if (isHasty || canJudge(shown.instant.vector, instantOf(replica, table))) {
        return judged(replica, isHasty ? new Set() : writtenSince(replica, table, shown.instant.vector));
      }
      if (this.#world.nowUs / 1_000 < untilMs) this.#after(lookAgainMs, look);
    };
    this.#after(this.#world.options.meanDelayMs, look);
  }

  #after(meanMs: number, run: () => void): void {
    this.#world.after(0.1 + this.#random.exponential(meanMs), run);
  }
}

function instantOf(replica: VirtualReplica, table: TableName): ReplicaInstant {
  const { absorbed, n, pruned } = replica.control;
  const waits = [...replica.file.entries("displaced")].some(([, { row }]) => row.table === table);
  return { vector: replica.vector, pruned, isSettled: absorbed >= n || !waits };
}

function rowsOf({ file }: VirtualReplica, table: TableName): ReadonlyMap<string, string> {
  return new Map([...file.entries("row")].flatMap(([, row]) => (row.table === table ? [[row.key, digestOf(row) ?? ""] as const] : [])));
}

function digestOf(row: Row | undefined): string | null {
  return row === undefined ? null : JSON.stringify(columns.map((column) => row[column]));
}

function writtenSince({ file }: VirtualReplica, table: TableName, vector: VersionVector): ReadonlySet<string> {
  const beyond = [...file.entries("log")].filter(([, { origin, seq, row }]) => row.table === table && seq > seqIn(vector, origin));
  return new Set(beyond.map(([, { row }]) => row.key));
}

function vote(ballots: ReadonlyMap<string, Ballot>, node: NodeId, replica: VirtualReplica, table: TableName): void {
  for (const [key, { votes, rows }] of ballots) {
    const row = replica.file.get("row", `${table} ${key}`);
    const digest = digestOf(row);
    if (row !== undefined && digest !== null) rows.set(digest, row);
    votes.push({ node, digest, write: isContested(table) ? null : evidence(replica, table, key, row) });
  }
}

/** What the log says of a row: nothing, where it does not have its newest write any more. */
function evidence({ file, control }: VirtualReplica, table: TableName, key: string, row: Row | undefined): RowVote["write"] {
  const ofRow = [...file.entries("log")].filter(([, change]) => change.row.table === table && change.row.key === key);
  const unseen = ofRow.filter(([n, { origin }]) => Number(n) > control.absorbed && origin === control.origin).at(-1);
  const known = file.get("newest", `${table} ${key}`);
  const [, write] = unseen ?? ofRow.find(([, { origin, seq }]) => origin === known?.origin && seq === known.seq) ?? [];
  if (write === undefined || write.written !== undefined) return null;
  const made = write.operation === "put" ? write.row : undefined;
  return { version: write, agrees: digestOf(made) === digestOf(row) };
}
