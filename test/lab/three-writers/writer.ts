import { openSync, writeSync } from "node:fs";
import { SeededRandom } from "../../../shared/domain/seeded-random.ts";
import { writableTables, writeAtRandom } from "./random-write.ts";
import { ledger, openAs } from "./wares-database.ts";

// An application on one server: transaction after transaction, each with two rows in the ledger; what is committed is noted outside of the database.
const [path = "", name = "", run = "0", committedFile = ""] = process.argv.slice(2);
const pauseMs = 4;
const random = new SeededRandom(Number(run), name);
const database = openAs(path);
const committed = openSync(committedFile, "a");
const enter = database.prepare(`INSERT INTO ${ledger} VALUES (?, ?, ?)`);
const last = database.prepare(`SELECT max(number) AS number FROM ${ledger} WHERE writer = ?`).get(name)?.["number"];
const tables = writableTables(database, [ledger]);
let number = Number(last ?? 0);

function transaction(): void {
  number += 1;
  database.exec("BEGIN IMMEDIATE");
  enter.run(name, number, 1);
  for (let writes = random.between(1, 4); writes > 0 && database.isTransaction; writes -= 1) writeAtRandom(database, tables, random);
  if (!database.isTransaction) return;
  enter.run(name, number, 2);
  if (random.chance(0.1)) {
    database.exec("ROLLBACK");
    return;
  }
  database.exec("COMMIT");
  writeSync(committed, `${number}\n`);
}

console.log(JSON.stringify({ writing: name, from: number }));
const timer = setInterval(transaction, pauseMs);
process.once("SIGTERM", () => {
  clearInterval(timer);
  database.close();
});
