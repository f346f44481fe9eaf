import { existsSync } from "node:fs";
import { threadName } from "node:worker_threads";

/*
 * Preloaded into an agent (`--import`) whose thread HANGING_THREAD shall hang for as long as the file HANGS_WHILE is there: nothing else runs in it
 * meanwhile, as with a query of a huge table, or a disk that does not answer.
 */
const [name, file] = [process.env["HANGING_THREAD"], process.env["HANGS_WHILE"] ?? ""];
const lookEveryMs = 50;

if (threadName === name) {
  const nobodyWakes = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => {
    while (existsSync(file)) Atomics.wait(nobodyWakes, 0, 0, lookEveryMs);
  }, lookEveryMs).unref();
}
