import type { NodeId } from "../../shared/domain/ids.ts";
import type { EventDetail } from "../../shared/domain/monitoring/cluster-event.ts";
import type { TableDrift } from "./drift-request.ts";

type DriftEvent = Extract<EventDetail, { kind: "data.drift" }>;

export interface FindingsOptions {
  readonly self: NodeId;
  /** Members in ring order. */
  readonly order: () => readonly NodeId[];
  readonly nameOf: (node: NodeId) => string;
  readonly onEvent: (detail: DriftEvent) => void;
}

/** What comparisons have found and is not over: told once by an event, and in the status for as long as it lasts. */
export class DriftFindings {
  readonly #options: FindingsOptions;
  /** By data set, table and the node that was compared with. */
  readonly #open = new Map<string, TableDrift>();
  /** What an event said last of a data set's table. */
  readonly #told = new Map<string, string>();

  constructor(options: FindingsOptions) {
    this.#options = options;
  }

  /** A comparison of this table with this node has come so far, or to its end. */
  found(dataSet: string, table: string, peer: NodeId, drift: TableDrift | undefined, isWhole: boolean): void {
    const at = JSON.stringify([dataSet, table, peer]);
    if (drift !== undefined) this.#tell(drift, isWhole);
    if (drift !== undefined && drift.wrongHere + drift.undecided > 0) this.#open.set(at, drift);
    else if (drift !== undefined || isWhole) this.#open.delete(at);
    const isOver = [...this.#open.values()].every((open) => open.dataSet !== dataSet || open.table !== table);
    if (isWhole && isOver) this.#told.delete(placeOf(dataSet, table));
  }

  /** What is wrong with this data set's rows, and the next step; undefined where nothing is. */
  problemOf(dataSet: string): string | undefined {
    const lasting = [...this.#open.values()].filter((drift) => drift.dataSet === dataSet);
    const sentences = new Set(lasting.map((drift) => this.#sentence(drift)));
    return sentences.size === 0 ? undefined : [...sentences].join("; ");
  }

  /** The node is no member any more, or the data set is not compared: nothing is known. */
  forget(isGone: (dataSet: string, peer: NodeId) => boolean): void {
    for (const at of this.#open.keys()) {
      const [dataSet, , peer] = JSON.parse(at) as [string, string, NodeId];
      if (isGone(dataSet, peer)) this.#open.delete(at);
    }
  }

  /** Each once: whoever has the wrong rows tells; where nobody knows whose are wrong, the first of those that differ. */
  #tell(drift: TableDrift, isWhole: boolean): void {
    const { self, order, onEvent } = this.#options;
    const { dataSet, table, from, to, others, repaired, wrongHere, undecided } = drift;
    const place = (node: NodeId): number => order().indexOf(node);
    const isOwn = repaired + wrongHere > 0;
    const isFirst = undecided > 0 && others.every((node) => place(self) < place(node));
    if (!isOwn && !isFirst) return;
    const rows = isOwn ? repaired + wrongHere : undecided;
    const event: DriftEvent = { kind: "data.drift", dataSet, table, from, to, rows, nodes: [...others], repaired };
    const before = this.#told.get(placeOf(dataSet, table));
    const said = JSON.stringify(event);
    // What is found while a table is walked is told at once, and what has come to it at the end.
    if (said === before || (before !== undefined && !isWhole)) return;
    this.#told.set(placeOf(dataSet, table), said);
    onEvent(event);
  }

  #sentence({ table, from, to, others, rows, wrongHere, silent }: TableDrift): string {
    const { nameOf } = this.#options;
    const who = others.length === 0 ? "another node" : others.map(nameOf).join(", ");
    const what = `table ${table} is not what ${who} has in ${rows} ${rows === 1 ? "row" : "rows"} (key ${from === to ? from : `${from} to ${to}`})`;
    if (wrongHere > 0)
      return `${what}: \`understudy agent data repair\` puts them right here, and keeps what it replaces in the conflict journal`;
    if (silent.length > 0)
      return `${what}: which are right is decided when ${silent.map(nameOf).join(", ")} can be asked, or by \`understudy agent data repair\``;
    return `${what}: they are being written, or are too large to be sent along, and are looked at again`;
  }
}

function placeOf(dataSet: string, table: string): string {
  return JSON.stringify([dataSet, table]);
}
