import type { NamedNode } from "../records/data-set-writer.ts";
import type { RecordEvent } from "../records/records-client.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

const charactersMax = 60;

/** As the records API shows a record. */
export interface RecordShown {
  readonly key: string;
  readonly value: unknown;
  readonly version: string;
  readonly writtenAt: string;
  readonly expiresAt: string | null;
}

export interface PageShown {
  readonly records: readonly RecordShown[];
  readonly more: boolean;
}

export interface CommitShown {
  readonly commit: { readonly id: string; readonly heldBy: readonly NamedNode[]; readonly lackedBy: readonly NamedNode[] };
}

interface DataSetShown {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly writer: NamedNode | null;
}

export function setsShown(body: unknown): readonly DataSetShown[] {
  return body as readonly DataSetShown[];
}

export function dataSetTable(dataSets: readonly DataSetShown[]): string {
  return table(
    ["DATA SET", "KIND", "GROUP", "WRITER"],
    dataSets.map(({ name, kind, group, writer }) => [name, kind, group, writer === null ? "nobody" : `${writer.name} (${writer.host})`]),
  );
}

export function recordTable({ records, more }: PageShown): string {
  const rows = records.map(({ key, value, version, writtenAt, expiresAt }) => [
    shortened(key),
    shortened(JSON.stringify(value)),
    writtenAt,
    expiresAt ?? "-",
    version,
  ]);
  const lines = table(["KEY", "VALUE", "WRITTEN AT", "EXPIRES AT", "VERSION"], rows);
  return more ? `${lines}\nThere are more: go on with --after and the last key.` : lines;
}

export function committed({ commit }: CommitShown, said: string): string {
  return [said, `Commit:   ${commit.id}`, `Held by:  ${namesOf(commit.heldBy)}`, `Not yet:  ${namesOf(commit.lackedBy)}`].join("\n");
}

/** One line for what was told, with the position to go on from where it came with one. */
export function eventLine({ event, id, data }: RecordEvent): string {
  const { key, value } = (data ?? {}) as Partial<RecordShown>;
  const said = key === undefined ? "" : ` ${shortened(key)}${value === undefined ? "" : ` ${shortened(JSON.stringify(value))}`}`;
  return `${event}${said}${id === null ? "" : `  (position ${id})`}`;
}

function namesOf(nodes: readonly NamedNode[]): string {
  return nodes.map(({ name }) => name).join(", ") || "nobody";
}

function shortened(text: string): string {
  const shown = printable(text);
  return shown.length <= charactersMax ? shown : `${shown.slice(0, charactersMax)}...`;
}
