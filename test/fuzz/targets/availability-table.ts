import { availabilityCsv } from "../../../functions/use-cases/availability-tables.ts";
import type { AvailabilityReport } from "../../../functions/use-cases/read-availability.ts";
import type { Outage } from "../../../shared/domain/availability/outage.ts";
import type { ClusterId, CustomerId, GroupName, NodeId } from "../../../shared/domain/ids.ts";
import { bytesOf, type FuzzTarget, promise, sameAs, textOf } from "../fuzz-target.ts";

const figures = { observedMs: 1_000, unplannedMs: 1, plannedMs: 2, unplannedOutages: 1, plannedOutages: 1 };
const outage: Outage = {
  group: "default" as GroupName,
  fromMs: 1_795_000_000_000,
  toMs: 1_795_000_001_000,
  isPlanned: false,
  length: "measured",
  before: "node_aaaaaaaaaaaaaaaaaaaa" as NodeId,
  after: null,
  events: [],
};

function reportOf(customer: string, cluster: string, node: string): AvailabilityReport {
  const group = { ...figures, group: "default", outages: [outage, { ...outage, toMs: null }], causes: [] };
  const clusters = [
    { clusterId: "clus_1" as ClusterId, name: cluster, total: figures, groups: [group], isComplete: true, nameOf: () => node },
  ];
  const customerId = "cust_1" as CustomerId;
  return {
    customer: { customerId, name: customer, createdAt: "2026-01-01T00:00:00.000Z" },
    month: "2026-11",
    period: { fromMs: 0, toMs: 1 },
    total: figures,
    clusters,
  };
}

/** RFC 4180, by the letter, so that what a spreadsheet would read is seen. */
function rowsOf(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, cell = "", end = ""] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g)) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "\r\n") rows.push([]);
    if (end === "") break;
  }
  return rows.filter((row) => row.length > 1);
}

/** What a spreadsheet takes for the beginning of a formula gets an apostrophe in front. */
const formula = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const shown = (name: string): string => (formula.test(name) ? `'${name}` : name);

/** The names of a customer, its cluster and a node, a line each. */
export const availabilityTable: FuzzTarget = {
  name: "availability-table",
  reads: "names of customers, clusters and nodes, in tables that a spreadsheet opens",
  share: 12,
  seeds: ["Hotel Adler\nfront desk\nnode-a", 'a "b", c\n=1+1\n@x', "\u00e4\n-2\n+3"].map(bytesOf),
  words: ["=HYPERLINK(", "\t=1", "\r", '"', '""', ",", ";", "＝1", "＠"],
  execute: (input) => {
    const [customer = "", cluster = "", node = ""] = textOf(input).split("\n");
    const report = reportOf(customer, cluster, node);
    for (const [kind, count] of [
      ["groups", 1],
      ["outages", 2],
    ] as const) {
      const [heading = [], ...rows] = rowsOf(availabilityCsv(report, kind));
      promise(rows.length === count && rows.every((row) => row.length === heading.length), "a name breaks the table's rows or columns");
      for (const row of rows) {
        sameAs(row.slice(0, 4), ["2026-11", shown(customer), shown(cluster), "default"], "a name in a table");
        promise(
          row.every((cell) => !formula.test(cell)),
          "a cell is a formula",
        );
      }
    }
    return "accepted";
  },
};
