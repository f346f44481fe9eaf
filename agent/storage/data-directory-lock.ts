import { createServer, type Server } from "node:net";
import { AgentError, systemErrorCode } from "../agent-error.ts";
import { directoryMark } from "./directory-mark.ts";

/**
 * Held while a process works on a data directory. It is a name in the kernel's abstract socket space: taken at once or
 * not at all, and gone with the process however it ends, so no stale lock is ever left behind.
 */
export async function lockDataDirectory(root: string): Promise<{ release(): Promise<void> }> {
  const name = await directoryMark(root);
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, `\0understudy-${name}`);
  } catch (error) {
    if (systemErrorCode(error) !== "EADDRINUSE") throw error;
    const nextStep = "Stop the other agent first, or give this one a data directory of its own (setting dataDir).";
    throw new AgentError("already-running", `Another agent is running on the data directory ${root}.`, nextStep, error);
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}
