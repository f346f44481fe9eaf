import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const pauseMs = 5;
const [, , path = "", statement = ""] = process.argv;
const database = new DatabaseSync(path, { timeout: 30_000 });
database.exec("PRAGMA synchronous = NORMAL");
const write = database.prepare(statement);
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
const tookMs: number[] = [];
console.log("committing");
while (!ending.signal.aborted) {
  const startedAtMs = performance.now();
  write.run();
  tookMs.push(performance.now() - startedAtMs);
  await sleep(pauseMs);
}
database.close();
console.log(JSON.stringify(tookMs));
