import { createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { FromThread, ReplicationSettings, ToThread } from "./thread-messages.ts";

const settings = workerData as ReplicationSettings;
const main = parentPort;
if (main === null) throw new Error("worker.ts runs as a thread of the agent, never by itself");
const send = (message: FromThread) => main.postMessage(message);

const listener = createServer((socket) => socket.destroy());
listener.once("error", (error) => {
  send({
    type: "start-refused",
    reason: `replication cannot listen on ${settings.listen.host}:${settings.listen.port}: ${error.message}`,
  });
  process.exit();
});
listener.listen(settings.listen.port, settings.listen.host, () => {
  const address = listener.address();
  send({ type: "listening", port: typeof address === "object" && address !== null ? address.port : settings.listen.port });
  beat();
});

const beat = () =>
  send({
    type: "status",
    status: settings.document.dataSets.map(({ name }) => ({
      name,
      phase: "waiting-for-database",
      vector: {},
      unacknowledged: { changes: 0, oldestAgeMs: 0 },
      behind: 0,
    })),
  });
const beats = setInterval(beat, 1_000);

main.on("message", (message: ToThread) => {
  if (message.type === "stop") {
    clearInterval(beats);
    listener.close();
    main.close();
  } else if ("callId" in message) {
    send({ type: "answer", callId: message.callId });
  }
});
