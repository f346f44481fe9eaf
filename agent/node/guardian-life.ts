import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { programFile } from "../program-file.ts";
import { isStillRunning, type ProcessId, sendSignal } from "../resources/marked-processes.ts";
import { holdsBy } from "../resources/monotonic.ts";
import type { GuardianConfiguration } from "./guardian-protocol.ts";
import { toLine } from "./json-lines.ts";
import { smallHeapOptions } from "./small-heap.ts";

const endPollMs = 20;

/** One process of the guardian, as the agent holds it: its lifeline, and how it ended. */
export interface GuardianLife {
  /** Resolves with how it ended, as the end of a sentence. */
  readonly ended: Promise<string>;
  /** Closes the lifeline: it takes down what still runs, and ends. */
  end(): void;
  kill(): void;
  /** It lives on without this agent, and keeps no end of it busy. */
  letGo(): void;
}

export function spawnGuardian(configuration: GuardianConfiguration, onLog: (text: string) => void): GuardianLife {
  // A group of its own: Ctrl-C in the agent's terminal is not meant for the guardian.
  const child = spawn(process.execPath, [...smallHeapOptions, programFile("guardian").pathname], {
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
  });
  child.stdin.on("error", (error) => onLog(`guardian: ${error.message}`));
  child.stdin.write(toLine(configuration));
  child.stderr.setEncoding("utf8").on("data", (text: string) => onLog(text.trim()));
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`));
  });
  return {
    ended,
    end: () => void child.stdin.end(),
    kill: () => void child.kill("SIGKILL"),
    letGo: () => {
      child.stdin.destroy();
      child.stderr.destroy();
      child.unref();
    },
  };
}

/** One that an earlier agent has started and left; a socket is its lifeline. */
export function adoptedGuardian(guardian: ProcessId, lifeline: Socket): GuardianLife {
  const ended = Promise.withResolvers<string>();
  let isLetGo = false;
  lifeline.on("error", () => lifeline.destroy());
  lifeline.once("close", () => {
    if (!isLetGo) void isGone(guardian).then(() => ended.resolve("ended"), ended.reject);
  });
  return {
    ended: ended.promise,
    end: () => void lifeline.end(),
    kill: () => sendSignal(guardian.pid, "SIGKILL"),
    letGo: () => {
      isLetGo = true;
      lifeline.destroy();
    },
  };
}

/** It takes down what still runs before it ends; whoever waits for that kills it where it takes too long. */
async function isGone(guardian: ProcessId): Promise<void> {
  await holdsBy(
    () => Number.MAX_SAFE_INTEGER,
    endPollMs,
    () => !isStillRunning(guardian),
  );
}
