import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

const pauseMs = 5;
const [, , path = ""] = process.argv;
const database = new DatabaseSync(path, { timeout: 30_000 });
database.exec("PRAGMA synchronous = NORMAL");
const insert = database.prepare(
  "INSERT INTO call_record (caller, callee, started_at, seconds, codec, note, sample) VALUES ('+49', '+44', 1, 1, 'opus', 'a call', x'00')",
);
const ending = new AbortController();
process.once("SIGTERM", () => ending.abort());
const tookMs: number[] = [];
console.log("committing");
while (!ending.signal.aborted) {
  const startedAtMs = performance.now();
  insert.run();
  tookMs.push(performance.now() - startedAtMs);
  await sleep(pauseMs);
}
database.close();
console.log(JSON.stringify(tookMs));
