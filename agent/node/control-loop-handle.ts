import { Worker } from "node:worker_threads";
import { AgentError } from "../agent-error.ts";
import { programFile } from "../program-file.ts";
import type { FromLoop, LoopSettings, ToLoop } from "./loop-messages.ts";
import { smallHeapLimits } from "./small-heap.ts";

/** A thread that does not end by itself in this time is ended. */
const endPatienceMs = 2_000;

export interface ControlLoopHandle {
  /** TCP port of the broker. */
  readonly port: number;
  post(message: ToLoop): void;
  /** Whatever the loop says from its beginning on; what it says earlier is kept until somebody listens. Called once. */
  receive(onMessage: (message: FromLoop) => void): void;
  close(): Promise<void>;
}

export interface ControlLoopCallbacks {
  /** The loop broke one of its invariants, or the thread died: the node must be fenced. */
  readonly onFailure: (error: Error) => void;
}

/** Starts the control loop on its own thread. Throws `AgentError` ("port-unavailable") where its port is not to be had. */
export async function startControlLoop(settings: LoopSettings, callbacks: ControlLoopCallbacks): Promise<ControlLoopHandle> {
  const worker = new Worker(programFile("control-loop"), {
    workerData: settings,
    name: "control-loop",
    resourceLimits: smallHeapLimits,
  });
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const early: FromLoop[] = [];
  let tell = (message: FromLoop): void => void early.push(message);
  let closing = false;
  const port = await new Promise<number>((resolve, reject) => {
    let listening = false;
    const fail = (error: Error): void => {
      if (closing) return;
      closing = true;
      if (listening) callbacks.onFailure(error);
      else reject(error);
    };
    worker.on("error", (error) => fail(error instanceof Error ? error : new Error(String(error))));
    worker.once("exit", (code) => fail(new Error(`the control loop's thread ended by itself (exit code ${code})`)));
    worker.on("message", (message: FromLoop) => {
      if (message.type === "listening") {
        listening = true;
        resolve(message.port);
      } else if (message.type === "start-refused") {
        fail(new AgentError("port-unavailable", message.message, message.nextStep));
      } else {
        tell(message);
      }
    });
  });
  return {
    port,
    post: (message) => worker.postMessage(message),
    receive: (onMessage) => {
      tell = onMessage;
      for (const message of early.splice(0)) onMessage(message);
    },
    close: async () => {
      closing = true;
      worker.postMessage({ type: "close" } satisfies ToLoop);
      const patience = setTimeout(() => void worker.terminate(), endPatienceMs);
      await ended;
      clearTimeout(patience);
    },
  };
}
