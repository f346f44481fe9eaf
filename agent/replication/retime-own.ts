import type { HybridTime } from "../../shared/domain/replication/hybrid-clock.ts";
import { isAhead, retimed } from "../../shared/domain/replication/retiming.ts";
import type { Control } from "./change-log-tables.ts";
import type { OwnDating } from "./own-times.ts";
import type { SqliteDatabase } from "./sqlite-database.ts";

/**
 * Dates own writes anew that are too far ahead, inside the transaction that is about to take them into account. All entries after `absorbed` are this node's own, in the
 * order of their times. Returns how many got another time, and the latest time that stands in the file then.
 */
export function retimeOwn(
  database: SqliteDatabase,
  { absorbed, absorbedTime, hlc }: Pick<Control, "absorbed" | "absorbedTime" | "hlc">,
  { reference, after }: OwnDating,
): { readonly hlc: HybridTime; readonly retimed: number } {
  if (!isAhead(hlc, reference)) return { hlc, retimed: 0 };
  const from = Math.max(absorbed, after);
  // What has been told of is not touched; the rest comes after it.
  let before = Math.max(
    absorbedTime,
    database.number("SELECT coalesce(max(hlc), 0) FROM _understudy_log WHERE n > ? AND n <= ?", absorbed, from),
  );
  let count = 0;
  const entries = database.all("SELECT n, hlc FROM _understudy_log WHERE n > ? ORDER BY n", from);
  for (const entry of entries) {
    const time = Number(entry["hlc"]);
    const is = retimed(time, before, reference);
    if (is !== time) {
      database.run("UPDATE _understudy_log SET hlc = ? WHERE n = ?", is, Number(entry["n"]));
      count += 1;
    }
    before = is;
  }
  return { hlc: entries.length === 0 ? hlc : before, retimed: count };
}
