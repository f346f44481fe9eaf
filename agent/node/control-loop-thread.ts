import { parentPort, workerData } from "node:worker_threads";
import { AgentError, reasonOf } from "../agent-error.ts";
import { runControlLoop } from "./loop-assembly.ts";
import type { FromLoop, LoopSettings } from "./loop-messages.ts";

/* The control loop's thread: nothing else runs here, and nothing here waits for a disk. */
const main = parentPort;
if (main === null) throw new Error("control-loop-thread.ts runs as a thread of the agent, never by itself");
const tell = (message: FromLoop): void => main.postMessage(message);

try {
  await runControlLoop(workerData as LoopSettings, main, tell);
} catch (error) {
  const nextStep = error instanceof AgentError ? error.nextStep : "This is a fault of the agent itself; please report it.";
  tell({ type: "start-refused", message: reasonOf(error), nextStep });
}
