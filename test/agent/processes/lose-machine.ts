import { sendSignal } from "../../../agent/resources/marked-processes.ts";
import type { LocalCluster } from "./local-cluster.ts";

/** Everything of a node ends in one instant, as when its machine loses its power: all is stopped first, so that nothing can see to anything else. */
export async function loseMachine(cluster: LocalCluster, name: string): Promise<void> {
  (await aimAt(cluster, name))();
}

/** The same at a moment that the caller chooses: what is returned does it without waiting for anything. */
export async function aimAt(cluster: LocalCluster, name: string): Promise<() => void> {
  const { guardianPid } = (await cluster.status(name)).node;
  const { pid } = cluster.agent(name);
  if (pid === undefined || guardianPid === null) throw new Error(`${name} has no agent or no guardian`);
  return () => {
    const all = [pid, guardianPid, ...cluster.processesOf(name)];
    for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const one of all) sendSignal(one, signal);
  };
}
