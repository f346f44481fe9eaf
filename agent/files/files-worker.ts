import { parentPort } from "node:worker_threads";
import { reasonOf } from "../agent-error.ts";
import type { WantedChunk } from "./assembly.ts";
import { FileSet } from "./file-set.ts";
import type { FromFilesThread, ToFilesThread } from "./files-messages.ts";
import type { Verification } from "./verify-tree.ts";

/** The entry of the thread that works on trees of files. */
const main = parentPort;
if (main === null) throw new Error("files-worker.ts runs as a thread of the agent, never by itself");
const send = (message: FromFilesThread) => main.postMessage(message);
const sets = new Map<string, FileSet>();
const wants = new Map<number, { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: Error) => void }>();
let lastWant = 0;

main.on("message", (message: ToFilesThread) => {
  switch (message.type) {
    case "open": {
      const { places } = message;
      const source = { fetch: (want: WantedChunk) => fetchFor(places.name, want) };
      const onReport = (report: FileSet["report"]) => send({ type: "report", dataSet: places.name, report });
      return void sets.set(places.name, new FileSet({ ...places, source, onReport }));
    }
    case "manifest":
      return sets.get(message.dataSet)?.manifestChanged(message.vector);
    case "chunk":
      return take(message);
    case "close":
      return void answer(message.callId, () => close(message.dataSet));
    case "role":
      return void answer(message.callId, () => named(message.dataSet).roleChanged(message.role));
    case "flush":
      return void answer(message.callId, () => named(message.dataSet).flush());
    case "verify":
      return void answer(message.callId, () => named(message.dataSet).verify());
    case "read":
      return void answer(message.callId, () => named(message.dataSet).read(message.want));
  }
});

function named(dataSet: string): FileSet {
  const set = sets.get(dataSet);
  if (set === undefined) throw new Error(`there is no data set ${dataSet} of files on this node`);
  return set;
}

async function close(dataSet: string): Promise<void> {
  const set = sets.get(dataSet);
  sets.delete(dataSet);
  await set?.close();
}

function fetchFor(dataSet: string, want: WantedChunk): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    lastWant += 1;
    wants.set(lastWant, { resolve, reject });
    send({ type: "want", wantId: lastWant, dataSet, want });
  });
}

function take({ wantId, bytes, problem }: Extract<ToFilesThread, { type: "chunk" }>): void {
  const waiting = wants.get(wantId);
  wants.delete(wantId);
  if (bytes === undefined) waiting?.reject(new Error(problem ?? "no node has it"));
  else waiting?.resolve(bytes);
}

async function answer(callId: number, work: () => unknown): Promise<void> {
  try {
    const result = (await work()) as Uint8Array | Verification | undefined;
    const message: FromFilesThread = { type: "answer", callId, ...(result === undefined ? {} : { result }) };
    // A piece of a file is handed over, not copied.
    main?.postMessage(message, result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : []);
  } catch (error) {
    send({ type: "answer", callId, problem: reasonOf(error) });
  }
}
