import { appendFileSync } from "node:fs";
import { createServer } from "node:http";

/*
 * A customer's service that leaves a trace of its life: `witnessed-service.ts PORT NAME WITNESS_FILE` answers its name, and writes
 * the machine's monotonic clock every few milliseconds, so that a test can tell whether two ever ran at once.
 */
const [port = "0", name = "", witness = ""] = process.argv.slice(2);
const life = `${name}/${process.env["UNDERSTUDY_EPOCH"]}/${process.pid}`;
const beat = (): void => appendFileSync(witness, `${life} ${(Number(process.hrtime.bigint() / 1_000n) / 1_000).toFixed(3)}\n`);
beat();
setInterval(beat, 5);
createServer((_request, response) => response.end(name)).listen(Number(port), "127.0.0.1");
