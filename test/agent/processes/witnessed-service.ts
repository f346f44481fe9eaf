import { appendFileSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { illnessFile } from "./illness-file.ts";

/*
 * A customer's service that leaves a trace of its life: `witnessed-service.ts PORT NAME WITNESS_FILE [DATABASE]` answers its name, with
 * status 500 where it is told to be ill (illness-file.ts),
 * and writes the machine's monotonic clock every few milliseconds, so that a test can tell whether two ever ran at once. With a
 * database (of sales-database.ts) it sells something with every beat, and counts at its start what had been sold before it. With
 * STUBBORN in its environment it ends by SIGKILL alone; HOST is the address to listen on.
 */
if (process.env["STUBBORN"] !== undefined) process.on("SIGTERM", () => {});
const [port = "0", name = "", witness = "", database] = process.argv.slice(2);
const life = `${name}/${process.env["UNDERSTUDY_EPOCH"]}/${process.pid}`;
const sell = database === undefined ? null : openTill(database);
const nowMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const witnessed = (atMs: number): void => appendFileSync(witness, `${life} ${atMs.toFixed(3)}\n`);
const beat = (): void => {
  witnessed(nowMs());
  sell?.();
};
// The process itself is older than its first line here.
witnessed(nowMs() - performance.now());
beat();
setInterval(beat, 5);
const illness = illnessFile(witness, name);
createServer((_request, response) => {
  response.statusCode = existsSync(illness) ? 500 : 200;
  response.end(name);
}).listen(Number(port), process.env["HOST"] ?? "127.0.0.1");

function openTill(path: string): () => void {
  const till = new DatabaseSync(path, { timeout: 5_000 });
  till.prepare("INSERT INTO opening (life, sold_before) SELECT ?, COUNT(*) FROM sale").run(life);
  const sale = till.prepare("INSERT INTO sale (sale_id, life) VALUES (?, ?)");
  let sold = 0;
  return () => {
    sold += 1;
    sale.run(`${life}/${sold}`, life);
  };
}
