import { compareReplicas } from "../../../agent/replication/compare-replicas.ts";
import type { LabHost } from "../lab-host.ts";
import type { Figure } from "../trial.ts";
import { ledger, openAs } from "./wares-database.ts";
import { committedBy, databaseOf } from "./writers.ts";

/** What the books of a trial say at its end. */
export interface Accounts {
  readonly figures: readonly Figure[];
  readonly problems: readonly string[];
}

/** Every table of the hosts' databases, row by row. */
export function comparedOn(hosts: readonly LabHost[]): Accounts {
  const { rows, tables, differences } = compareReplicas(hosts.map(databaseOf));
  return {
    figures: [{ what: `rows of ${tables} tables on all ${hosts.length} servers, compared one by one`, value: rows }],
    problems: differences,
  };
}

/** Transactions that a writer on a host has noted as committed, and that a server lacks; none should be. `writer`: as the ledger calls it. */
export function lostOf(host: LabHost, hosts: readonly LabHost[], writer = host.name): Accounts {
  const committed = committedBy(host, writer);
  const lines = hosts.map((other) => {
    const there = numbersOn(other, writer);
    const lost = committed.filter((number) => !there.has(number));
    return { what: `transactions of ${writer} that ${other.name} lacks`, value: lost.length, of: committed.length };
  });
  return { figures: lines, problems: lines.flatMap(({ what, value, of }) => (value > 0 ? [`${what}: ${value} of ${of}`] : [])) };
}

/** The numbers under which a server's ledger has a writer's transactions. */
export function numbersOn(host: LabHost, writer: string): ReadonlySet<number> {
  using database = openAs(databaseOf(host));
  const rows = database.prepare(`SELECT DISTINCT number FROM ${ledger} WHERE writer = ?`).all(writer);
  return new Set(rows.map(({ number }) => Number(number)));
}
