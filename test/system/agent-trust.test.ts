import { afterEach, expect, it } from "vitest";
import { testNode } from "../agent/cluster-signer.ts";
import { LocalCluster } from "../agent/processes/local-cluster.ts";

let cluster: LocalCluster | null = null;
afterEach(() => cluster?.end());

it("signed, and with a node on the internet: the other agents go on as before until somebody there has said yes", async () => {
  cluster = await LocalCluster.create(2);
  const { document } = cluster;
  await cluster.start("node-a");
  const stranger = { ...testNode(3, "d".repeat(64), { heartbeat: 7_400, replication: 7_401 }), host: "203.0.113.66", voting: false };
  await cluster.giveDocument("node-b", { ...document, version: 2, nodes: [...document.nodes, stranger] });
  await cluster.start("node-b");
  const told = await cluster.until("node-a", ({ problems }) => problems.some((problem) => problem.includes("203.0.113.66")));
  expect(told.cluster.documentVersion).toBe(1);
  expect(told.problems.join()).toMatch(/version 2 waits, since node-c would be reached at 203\.0\.113\.66.*trust accept --version 2/);
  const client = cluster.client("node-a");
  await expect(client.trust({ kind: "accept", version: 9 })).rejects.toThrow(/no document of version 9 waits here: version 2 does/);
  expect(await client.trust({ kind: "show" })).toMatchObject({ version: 1, changes: "accept", held: { version: 2 } });
  expect(await client.trust({ kind: "accept", version: 2 })).toMatchObject({ version: 2, held: null });
  expect((await cluster.status("node-a")).cluster.documentVersion).toBe(2);
});
