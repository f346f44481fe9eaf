import { parentPort, workerData } from "node:worker_threads";
import { ReplicationThread } from "./replication-thread.ts";
import type { FromThread, ReplicationSettings, ToThread } from "./thread-messages.ts";

/** The replication thread's entry: SQLite waits for disks, so it has a thread of its own. */
const main = parentPort;
if (main === null) throw new Error("worker.ts runs as a thread of the agent, never by itself");
const send = (message: FromThread) => main.postMessage(message);
const thread = new ReplicationThread(workerData as ReplicationSettings, send);

main.on("message", (message: ToThread) => {
  switch (message.type) {
    case "document-changed":
      return thread.documentChanged(message.document);
    case "identities-changed":
      return thread.own.replace(message.identities);
    case "reachable-changed":
      return thread.reachableChanged(message.reachable);
    case "holdings-changed":
      return void thread.files.holdingsChanged(message.holdings);
    case "became-operational":
      return void answer(message.callId, () => thread.becameOperational(message.holding));
    case "flush":
      return void answer(message.callId, () => thread.flush());
    case "digest":
      return void answer(message.callId, () => thread.digest(message.dataSet));
    case "files":
      return void answer(message.callId, () => thread.files.answer(message.request));
    case "conflicts":
      return void answer(message.callId, () => thread.conflicts.answer(message.request));
    case "data":
      return void answer(message.callId, () => thread.data.answer(message.request));
    case "drift":
      return void answer(message.callId, () => thread.drift(message.request));
    case "records":
      return void answer(message.callId, () => thread.records.answer(message.request));
    case "forward":
      return void answer(message.callId, () => thread.forwards.forward(message.to, message.write));
    case "carried-out":
      return thread.carriedOut(message.workId, message.answer);
    case "barrier":
      return void answer(message.callId, () => thread.barrier(message.dataSet, message.timeoutMs));
    case "release-withheld":
      return void answer(message.callId, () => thread.releaseWithheld());
    case "stop":
      return void thread.stop().finally(() => main.close());
  }
});

async function answer(callId: number, work: () => unknown): Promise<void> {
  try {
    send({ type: "answer", callId, result: await work() });
  } catch (error) {
    send({ type: "answer", callId, problem: error instanceof Error ? error.message : String(error) });
  }
}

try {
  send({ type: "listening", port: await thread.start() });
} catch (error) {
  send({ type: "start-refused", reason: error instanceof Error ? error.message : String(error) });
  await thread.stop();
  main.close();
}
