import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { ThreadBeats } from "../../../agent/node/thread-beats.ts";

const module = new URL("../../../agent/node/thread-beats.ts", import.meta.url).href;
const hangsForMs = 400;

it("a thread that hangs is told by the age of its last beat, without being asked; its first beat afterwards ends that", async () => {
  const beats = new ThreadBeats();
  // Waits as a query of a huge table does: nothing else runs in the thread meanwhile.
  const source = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(${JSON.stringify(module)}).then(({ ThreadBeats }) => {
      const beats = new ThreadBeats(workerData);
      setInterval(() => beats.beat("replication"), 10);
      parentPort.on("message", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${hangsForMs}));
      parentPort.postMessage("beats");
    });`;
  const thread = new Worker(source, { eval: true, workerData: beats.memory });
  try {
    await once(thread, "message");
    thread.postMessage("hang");
    let oldestMs = 0;
    while (oldestMs < hangsForMs / 2) {
      beats.beat("main");
      const { main, replication } = beats.agesMs();
      oldestMs = Math.max(oldestMs, replication);
      expect(main).toBeLessThan(hangsForMs / 2);
      await sleep(5);
    }
    await expect.poll(() => beats.agesMs().replication, { timeout: 10_000, interval: 5 }).toBeLessThan(hangsForMs / 4);
  } finally {
    await thread.terminate();
  }
});
