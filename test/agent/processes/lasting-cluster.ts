import { afterAll, afterEach, beforeEach } from "vitest";
import type { ClusterShape } from "./cluster-shape.ts";
import { LocalCluster } from "./local-cluster.ts";

const names = ["node-a", "node-b", "node-c"];

/** What a test begins with: every agent runs, and each could take the group from its holder. */
export interface Begun {
  readonly cluster: LocalCluster;
  readonly holder: string;
  readonly others: string[];
  /** What a node has logged since the test began. */
  readonly said: (name: string) => string;
}

/**
 * One cluster of three nodes for all tests of a suite: agents that a test has ended are started again for the next one, which takes far less
 * time than a cluster that has yet to wait out its first silence. Nobody knows what a failed test has left behind: after one a new cluster is made.
 */
export function lastingCluster(begin: (begun: Begun) => void, shape: ClusterShape = {}): void {
  let kept: LocalCluster | null = null;
  const end = async (): Promise<void> => {
    await kept?.end();
    kept = null;
  };
  beforeEach(async () => {
    const cluster = (kept ??= await started(shape));
    await Promise.all(names.filter((name) => hasEnded(cluster, name)).map((name) => cluster.start(name)));
    // Tests end the same agents more often than a fault would that is found and mended.
    for (const name of names) await cluster.client(name).readmit();
    const holder = await cluster.operational();
    const others = names.filter((name) => name !== holder);
    for (const name of others)
      await cluster.until(
        name,
        ({ groups: [line] }) => line?.ineligible === null && line.state === "standby" && line.holderName === holder,
      );
    const earlier = new Map(names.map((name) => [name, cluster.logOf(name).length]));
    begin({ cluster, holder, others, said: (name) => cluster.logOf(name).slice(earlier.get(name)) });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await end();
  });
  afterAll(end);
}

async function started(shape: ClusterShape): Promise<LocalCluster> {
  const cluster = await LocalCluster.create(names.length, {}, shape);
  await cluster.startAll();
  return cluster;
}

export function hasEnded(cluster: LocalCluster, name: string): boolean {
  const { exitCode, signalCode } = cluster.agent(name);
  return exitCode !== null || signalCode !== null;
}
