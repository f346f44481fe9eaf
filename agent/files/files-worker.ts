import { parentPort } from "node:worker_threads";
import { reasonOf } from "../agent-error.ts";
import { ChunkQuestions } from "./chunk-questions.ts";
import { FileSet } from "./file-set.ts";
import type { FromFilesThread, ToFilesThread } from "./files-messages.ts";
import type { Pieces, WantedChunk } from "./pieces.ts";
import type { SetAsideEvent } from "./set-aside-news.ts";
import type { Verification } from "./verify-tree.ts";

/** The entry of the thread that works on trees of files. */
const main = parentPort;
if (main === null) throw new Error("files-worker.ts runs as a thread of the agent, never by itself");
const send = (message: FromFilesThread) => main.postMessage(message);
const sets = new Map<string, FileSet>();
const wants = new Map<number, { readonly resolve: (pieces: Pieces) => void; readonly reject: (error: Error) => void }>();
let lastWant = 0;

main.on("message", (message: ToFilesThread) => {
  switch (message.type) {
    case "open": {
      const { places } = message;
      const source = new ChunkQuestions((wants) => fetchFor(places.name, wants));
      const onReport = (report: FileSet["report"]) => send({ type: "report", dataSet: places.name, report });
      const onSetAside = (event: SetAsideEvent) => send({ type: "set-aside", dataSet: places.name, event });
      return void sets.set(places.name, new FileSet({ ...places, source, onReport, onSetAside }));
    }
    case "manifest":
      return sets.get(message.dataSet)?.manifestChanged(message.vector);
    case "chunks":
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
      return void answer(message.callId, () => named(message.dataSet).read(message.wants));
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

function fetchFor(dataSet: string, wanted: readonly WantedChunk[]): Promise<Pieces> {
  return new Promise((resolve, reject) => {
    lastWant += 1;
    wants.set(lastWant, { resolve, reject });
    send({ type: "want", wantId: lastWant, dataSet, wants: wanted });
  });
}

function take({ wantId, pieces, problem }: Extract<ToFilesThread, { type: "chunks" }>): void {
  const waiting = wants.get(wantId);
  wants.delete(wantId);
  if (pieces === undefined) waiting?.reject(new Error(problem ?? "no node has it"));
  else waiting?.resolve(pieces);
}

async function answer(callId: number, work: () => unknown): Promise<void> {
  try {
    const result = (await work()) as Pieces | Verification | undefined;
    const message: FromFilesThread = { type: "answer", callId, ...(result === undefined ? {} : { result }) };
    // Pieces of files are handed over, not copied.
    main?.postMessage(message, result !== undefined && "data" in result ? [result.data.buffer] : []);
  } catch (error) {
    send({ type: "answer", callId, problem: reasonOf(error) });
  }
}
