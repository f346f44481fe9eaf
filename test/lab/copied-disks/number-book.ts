import type { LabHost } from "../lab-host.ts";
import { openAs } from "../three-writers/wares-database.ts";
import { databaseOf } from "../three-writers/writers.ts";

const logged =
  "SELECT name || ' ' || l.seq AS number, CAST(hlc AS TEXT) AS time FROM _understudy_log AS l JOIN _understudy_origin AS o ON o.id = l.origin";

/** Every change that any server's log has shown: a number of an origin under which there are two is one that was used twice. */
export class NumberBook {
  readonly #times = new Map<string, string>();
  readonly #twice = new Set<string>();

  note(hosts: readonly LabHost[]): void {
    for (const host of hosts) {
      using database = openAs(databaseOf(host));
      for (const row of database.prepare(logged).iterate()) this.#enter(String(row["number"]), String(row["time"]));
    }
  }

  get numbers(): number {
    return this.#times.size;
  }

  get usedTwice(): readonly string[] {
    return [...this.#twice];
  }

  #enter(number: string, time: string): void {
    const known = this.#times.get(number);
    if (known !== undefined && known !== time) this.#twice.add(number);
    this.#times.set(number, time);
  }
}

/** How many incarnations of the host's own its file knows. */
export function incarnationsOn(host: LabHost): number {
  using database = openAs(databaseOf(host));
  const sql =
    "SELECT count(*) AS count FROM _understudy_origin WHERE name LIKE (SELECT value FROM _understudy_meta WHERE key = 'node_id') || ':%'";
  return Number(database.prepare(sql).get()?.["count"]);
}
