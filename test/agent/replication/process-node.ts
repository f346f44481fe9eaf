import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoopbackCluster, TestNode } from "./loopback-cluster.ts";

/** Starts a node as a process of its own. Resolves with it once it has said a status; rejects where it ends before. */
export async function startProcess(cluster: LoopbackCluster, node: TestNode): Promise<ChildProcess> {
  const path = join(node.folder, "settings.json");
  writeFileSync(path, JSON.stringify(node.settings(cluster.document)));
  return startScript("node-process.ts", path);
}

/** Starts a script of this folder. Resolves once it has said something; rejects where it ends before. */
export async function startScript(name: string, ...args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`${name} ended at its start, with code ${String(code)}`))),
  ]);
  return child;
}

export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
